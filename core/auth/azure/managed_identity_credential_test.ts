import assert from "node:assert/strict";
import { hostname } from "node:os";
import { credentialSource } from "../../../tests/helpers/fake_entra.ts";
import { fakeHttp } from "../../../tests/helpers/fake_http.ts";
import { freePort } from "../../../tests/helpers/free_port.ts";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { publicCloud } from "../../azure/clouds.ts";
import type { CredentialSource } from "./credential.ts";
import {
  managedIdentity,
  managedIdentityCredential,
  probeTimeout,
} from "./managed_identity_credential.ts";
import { metadataHttp } from "./metadata_http.ts";

async function absence(
  env: Record<string, string>,
  { cloud = publicCloud, memoryOnly = true }: Partial<CredentialSource> = {},
) {
  using source = credentialSource(cloud.authority, env, { cloud, memoryOnly });
  const credential = await managedIdentityCredential.create(source);
  return "absent" in credential ? credential.absent : undefined;
}

const AUTHORITY = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

Deno.test("managed-identity: a computer without a metadata service does not wait for one", async () => {
  assert.equal(probeTimeout(undefined), 1_000);
  assert.equal(probeTimeout(""), 1_000);
  assert.equal(probeTimeout("http://127.0.0.1:1"), 20_000);
  const gone = { [AUTHORITY]: `http://127.0.0.1:${freePort()}` };
  assert.match(await absence(gone) ?? "", /no metadata service/);
});

Deno.test("managed-identity: other clouds' metadata services are not taken for Azure's", async () => {
  for (
    const [status, present] of [
      ...[[400, true], [429, true], [401, false], [404, false], [200, false]] as const,
    ]
  ) {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response("", { status }),
    );
    try {
      const absent = await absence({ [AUTHORITY]: `http://127.0.0.1:${server.addr.port}/` });
      assert.equal(absent === undefined, present, String(status));
    } finally {
      await server.shutdown();
    }
  }
});

Deno.test("managed-identity: many runs probe the metadata service once; who finds none looks again", async () => {
  await using dir = await tempDir();
  const env = { XDG_STATE_HOME: dir.path };
  let probes = 0;
  const start = (port: number) =>
    Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, () => {
      probes++;
      return new Response("", { status: 400 });
    });
  const gone = start(0);
  const { port } = gone.addr;
  await gone.shutdown();
  const authority = { ...env, [AUTHORITY]: `http://127.0.0.1:${port}` };
  assert.match(await absence(authority, { memoryOnly: false }) ?? "", /no metadata service/);
  const server = start(port);
  try {
    const runs = Array.from({ length: 10 }, () => absence(authority, { memoryOnly: false }));
    assert.deepEqual(new Set(await Promise.all(runs)), new Set([undefined]));
    assert.equal(probes, 1);
    assert.equal(await absence(authority, { memoryOnly: true }), undefined);
    assert.equal(probes, 2, "--no-cache keeps nothing");
  } finally {
    await server.shutdown();
  }
});

Deno.test("managed-identity: what Azure gives its own computers reaches nobody's emulator", async () => {
  const { builtIn: _builtIn, ...emulator } = { ...publicCloud, name: "Emulator" };
  for (const env of [{}, { IDENTITY_ENDPOINT: "http://127.0.0.1:1" }]) {
    assert.match(await absence(env, { cloud: emulator }) ?? "", /would be Azure's, not Emulator's/);
  }
  const both = { IDENTITY_ENDPOINT: "http://127.0.0.1:1", [AUTHORITY]: "http://127.0.0.1:1" };
  assert.match(await absence(both, { cloud: emulator }) ?? "", /would be Azure's, not Emulator's/);
});

Deno.test("metadataHttp: plain HTTP to this computer's own addresses alone", async () => {
  const http = metadataHttp(fakeHttp(() => ({ status: 204 })));
  const urls = [
    "http://169.254.169.254.evil.example/metadata",
    "http://evil.example/?169.254.169.254",
    "http://10.0.0.4/metadata",
    "http://127.0.0.1.example/",
    "http://[fe80::1]/",
  ];
  for (const url of urls) {
    await assert.rejects(http.request({ method: "GET", url }), { code: "credential-broken" }, url);
  }
  assert.equal((await http.request({ method: "GET", url: "https://evil.example" })).status, 204);
  http.close();
});

Deno.test("metadataHttp: never through a proxy", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("here"),
  );
  const names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"];
  const before = names.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of names) Deno.env.set(name, "http://127.0.0.1:9");
  const http = metadataHttp(fakeHttp(() => ({})));
  try {
    const url = `http://127.0.0.1:${server.addr.port}/metadata`;
    assert.equal((await http.request({ method: "GET", url })).text(), "here");
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
    http.close();
    await server.shutdown();
  }
});

Deno.test("managed-identity: computers that share a home directory do not share their identities", () => {
  const keyOf = (env: Record<string, string>, clientId?: string) => {
    using source = credentialSource(publicCloud.authority, env);
    return managedIdentity(source, clientId).cacheKey ?? "";
  };
  assert.ok(keyOf({}).includes(hostname()), keyOf({}));
  const keys = [
    keyOf({}),
    keyOf({}, "c1"),
    keyOf({ [AUTHORITY]: "http://127.0.0.1:1" }),
    keyOf({ IDENTITY_ENDPOINT: "http://127.0.0.1:2" }),
    keyOf({ MSI_ENDPOINT: "http://127.0.0.1:2" }),
  ];
  assert.equal(new Set(keys).size, keys.length, keys.join());
});
