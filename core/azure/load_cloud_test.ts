import assert from "node:assert/strict";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import { loadCloud } from "./load_cloud.ts";

const CLOUD = {
  name: "Test",
  resourceManager: "https://127.0.0.1:8443/arm/",
  authority: "https://entra.example",
  audience: "https://management.example//",
};

Deno.test("loadCloud: JSON and YAML; slashes at the end go; the CA file is relative to it", async () => {
  await using dir = await tempDir();
  const file = dir.file("cloud.yaml");
  const cases: [text: string, extra: Record<string, string>][] = [
    [JSON.stringify(CLOUD), {}],
    [Object.entries(CLOUD).map(([key, value]) => `${key}: ${value}\n`).join(""), {}],
    [JSON.stringify({ ...CLOUD, caFile: "ca.pem" }), { caFile: dir.file("ca.pem") }],
    [JSON.stringify({ ...CLOUD, caFile: dir.file("x", "ca.pem") }), {
      caFile: dir.file("x", "ca.pem"),
    }],
    [JSON.stringify({ ...CLOUD, sshCertificateScope: "s" }), { sshCertificateScope: "s" }],
    [JSON.stringify({ ...CLOUD, portal: "https://portal.example/" }), {
      portal: "https://portal.example",
    }],
    [JSON.stringify({ ...CLOUD, dataPodSuffix: "Pods.example" }), {
      dataPodSuffix: "pods.example",
    }],
  ];
  for (const [text, extra] of cases) {
    await Deno.writeTextFile(file, text);
    assert.deepEqual(await loadCloud(file), {
      name: "Test",
      resourceManager: "https://127.0.0.1:8443/arm",
      authority: "https://entra.example",
      audience: "https://management.example",
      ...extra,
    });
  }
});

Deno.test("loadCloud: what cannot be used is said, and which file it stands in", async () => {
  await using dir = await tempDir();
  const file = dir.file("cloud.json");
  const { audience: _audience, ...without } = CLOUD;
  const cases: [text: string | undefined, problem: RegExp][] = [
    [undefined, /No such file|cannot find/],
    ["{", /used: .+/],
    ["", /it holds no object/],
    ["[]", /it holds no object/],
    [JSON.stringify(without), /audience is missing/],
    [
      JSON.stringify({ ...CLOUD, resourceManger: "x" }),
      /resourceManger is not known; did you mean resourceManager\?/,
    ],
    [JSON.stringify({ ...CLOUD, zzz: "x" }), /zzz is not known\./],
    [JSON.stringify({ ...CLOUD, name: "azurecloud" }), /name of a built-in cloud/],
    [JSON.stringify({ ...CLOUD, portal: "http://p.example" }), /portal is not an https/],
    [JSON.stringify({ ...CLOUD, dataPodSuffix: "com" }), /dataPodSuffix is not a domain/],
    [JSON.stringify({ ...CLOUD, dataPodSuffix: ".a.b/c" }), /dataPodSuffix is not a domain/],
    // Of a MiB of keys YAML would make sense for minutes.
    ["k: x\n".repeat(14_000), /larger than 64 KiB/],
    [JSON.stringify({ ...CLOUD, name: 1 }), /name is not a text/],
    [JSON.stringify({ ...CLOUD, caFile: "" }), /caFile is not a text/],
    ...[
      "http://entra.example",
      "entra.example",
      "https://me@entra.example",
      "https://:pw@entra.example",
      "https://entra.example?x=1",
      "https://entra.example#x",
    ].map((authority): [string, RegExp] => [
      JSON.stringify({ ...CLOUD, authority }),
      /authority is not an https:\/\/ address/,
    ]),
  ];
  for (const [text, problem] of cases) {
    if (text !== undefined) await Deno.writeTextFile(file, text);
    await assert.rejects(loadCloud(file), (error: Error) => {
      assert.match(error.message, problem);
      assert.ok(error.message.includes(file));
      return "code" in error && error.code === "cloud-file-invalid";
    });
  }
});
