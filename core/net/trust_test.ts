import assert from "node:assert/strict";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import { testCertificate } from "../../tests/helpers/test_certificate.ts";
import { loadTrust } from "./trust.ts";

const none = () => undefined;

Deno.test("loadTrust: every file that is named, each once, and where it was named", async () => {
  await using dir = await tempDir();
  const [first, second] = [await testCertificate(), await testCertificate()];
  const files = { given: dir.file("given.pem"), bundle: dir.file("bundle.pem") };
  await Deno.writeTextFile(files.given, first.ca);
  await Deno.writeTextFile(files.bundle, `# two\r\n${second.ca}\n${first.ca}`);
  const variables: Record<string, string> = {
    SSL_CERT_FILE: files.bundle,
    REQUESTS_CA_BUNDLE: files.bundle,
    NODE_EXTRA_CA_CERTS: files.given,
  };
  assert.deepEqual(
    await loadTrust([{ source: "--ca-file", file: files.given }], (name) => variables[name]),
    {
      caCerts: [first.ca, `# two\r\n${second.ca}\n${first.ca}`],
      sources: [
        { source: "--ca-file", file: files.given },
        { source: "SSL_CERT_FILE", file: files.bundle },
      ],
    },
  );
  for (const name of Object.keys(variables)) {
    const { sources } = await loadTrust([], (asked) => asked === name ? files.given : "");
    assert.deepEqual(sources, [{ source: name, file: files.given }]);
  }
  assert.deepEqual(await loadTrust([], none), { caCerts: [], sources: [] });
});

Deno.test("loadTrust: a file that cannot be used is an error that names it and who named it", async () => {
  await using dir = await tempDir();
  const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  const cases: [name: string, content: string | undefined, problem: RegExp][] = [
    ["missing.pem", undefined, /No such file|cannot find/],
    ["der.crt", "\u0030\u0082\u0003", /no PEM certificate in it/],
    ["key.pem", pem("AAAA").replaceAll("CERTIFICATE", "PRIVATE KEY"), /no PEM certificate in it/],
    ["not_base64.pem", pem("!!!!"), /a certificate in it is damaged/],
    ["not_asn1.pem", pem("AAAA"), /a certificate in it is damaged/],
    ["half.pem", (await testCertificate()).ca + pem("AAAA"), /a certificate in it is damaged/],
  ];
  for (const [name, content, problem] of cases) {
    const file = dir.file(name);
    if (content !== undefined) await Deno.writeTextFile(file, content);
    await assert.rejects(
      loadTrust([], (variable) => variable === "SSL_CERT_FILE" ? file : undefined),
      (error: Error) => {
        assert.match(error.message, problem);
        assert.ok(error.message.includes(`${file} (from SSL_CERT_FILE)`), error.message);
        assert.ok("code" in error && error.code === "ca-file-invalid");
        return true;
      },
    );
  }
});
