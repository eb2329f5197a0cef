import assert from "node:assert/strict";
import { credentialSource, fakeEntra, tokenAnswer } from "../../../tests/helpers/fake_entra.ts";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { testCertificate } from "../../../tests/helpers/test_certificate.ts";
import { redact } from "../../secret.ts";
import type { AzureCredential } from "./credential.ts";
import { environmentCredential } from "./environment_credential.ts";

const TENANT = "11111111-2222-3333-4444-555555555555";
const CLIENT = "66666666-7777-8888-9999-000000000000";
const SECRET = "planted~Secret.value";
const variables = {
  AZURE_TENANT_ID: TENANT,
  AZURE_CLIENT_ID: CLIENT,
  AZURE_CLIENT_SECRET: SECRET,
};
const SCOPE = "https://management.example/.default";

interface SignedIn extends Disposable {
  readonly credential: AzureCredential;
}

async function signIn(
  authority: string,
  env: Record<string, string> = variables,
): Promise<SignedIn> {
  const source = credentialSource(authority, env);
  const credential = await environmentCredential.create(source);
  if ("absent" in credential) throw new Error(credential.absent);
  return { credential, [Symbol.dispose]: () => source[Symbol.dispose]() };
}

Deno.test("environment: absent, with what is missing", async () => {
  const cases: [env: Record<string, string>, missing: string][] = [
    [{}, "AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"],
    [{ ...variables, AZURE_TENANT_ID: "" }, "AZURE_TENANT_ID"],
    [{ AZURE_TENANT_ID: "t", AZURE_CLIENT_SECRET: "s" }, "AZURE_CLIENT_ID"],
  ];
  for (const [env, missing] of cases) {
    await assert.rejects(signIn("https://entra.example", env), { message: `${missing} not set` });
  }
});

Deno.test("environment: a token for a client secret; nobody but us keeps it", async () => {
  await using entra = fakeEntra({ token: (_form, count) => tokenAnswer(count) });
  using signedIn = await signIn(entra.authority);
  const { credential } = signedIn;
  assert.equal(credential.name, `environment (service principal ${CLIENT})`);
  const before = Date.now();
  const { token: first, expiresOn } = await credential.getToken(SCOPE);
  assert.equal(first.reveal(), "token-number-1");
  assert.ok(Math.abs(expiresOn - before - 3_600_000) < 60_000, String(expiresOn - before));
  assert.equal((await credential.getToken(SCOPE)).token.reveal(), "token-number-2");
  const [form] = entra.forms;
  assert.equal(form?.get("grant_type"), "client_credentials");
  assert.equal(form?.get("client_id"), CLIENT);
  assert.equal(form?.get("client_secret"), SECRET);
  assert.match(form?.get("scope") ?? "", /^https:\/\/management\.example\/\.default/);
  assert.deepEqual([...new Set(entra.paths)], [
    `GET /${TENANT}/v2.0/.well-known/openid-configuration`,
    `POST /${TENANT}/oauth2/v2.0/token`,
  ]);
  assert.equal(
    redact(`secret ${SECRET}, token token-number-2`),
    "secret [redacted], token [redacted]",
  );
});

Deno.test("environment: a client certificate's key signs, and is sent nowhere", async () => {
  await using dir = await tempDir();
  const file = dir.file("client.pem");
  const { key, certificate: own } = await testCertificate({ rsa: true });
  await Deno.writeTextFile(file, key + own);
  await using entra = fakeEntra({ token: (_form, count) => tokenAnswer(count) });
  using signedIn = await signIn(entra.authority, {
    AZURE_TENANT_ID: TENANT,
    AZURE_CLIENT_ID: CLIENT,
    AZURE_CLIENT_CERTIFICATE_PATH: file,
  });
  assert.equal((await signedIn.credential.getToken(SCOPE)).token.reveal(), "token-number-1");
  const [form] = entra.forms;
  const [, claims = ""] = form?.get("client_assertion")?.split(".") ?? [];
  const { aud, sub } = JSON.parse(atob(claims));
  assert.deepEqual([aud, sub], [`${entra.authority}/${TENANT}/oauth2/v2.0/token`, CLIENT]);
  assert.equal(form?.get("client_secret"), null);
  assert.doesNotMatch(String(form), /PRIVATE/);

  await Deno.remove(file);
  await assert.rejects(signedIn.credential.getToken(SCOPE, { fresh: true }), {
    code: "file-failed",
    message: new RegExp(file),
  });
});

Deno.test("environment: a refusal is Entra's word, on one line, without the secret", async () => {
  const aadsts = `AADSTS7000215: Invalid client secret provided (${SECRET}).`;
  const refusal = (status: number, error: string, error_description: string) => () =>
    Response.json({ error, error_description, error_codes: [7000215] }, { status });
  const cases: [answer: () => Response, reason: RegExp][] = [
    [
      refusal(401, "invalid_client", `${aadsts}\r\nTrace ID: x\r\nCorrelation ID: y`),
      /: AADSTS7000215: Invalid client secret provided \(\[redacted\]\)\.$/,
    ],
    [refusal(400, "invalid_scope", "no such scope"), /no such scope/],
    [refusal(400, "invalid_scope", ""), /: invalid_scope$/],
    [() => Response.json({ error: "odd" }, { status: 400 }), /: odd$/],
    [() => new Response("<html>Sign in to the portal</html>", { status: 403 }), /: HTTP 403, with/],
    [() => Response.json({}), /expiresOn/],
  ];
  for (const [answer, reason] of cases) {
    await using entra = fakeEntra({ token: answer });
    using signedIn = await signIn(entra.authority);
    await assert.rejects(signedIn.credential.getToken(SCOPE), (error: Error) => {
      assert.match(
        error.message,
        /^Microsoft Entra refused the credential \(environment \(service/,
      );
      assert.match(error.message, reason);
      assert.doesNotMatch(`${error.message} ${error.stack}`, /planted|Trace|Correlation/);
      return "code" in error && error.code === "credential-refused";
    });
  }
});

Deno.test("environment: a tenant that Entra does not know is said, although the library forgets it", async () => {
  const error_description = "AADSTS90002: Tenant 'x' not found. Trace ID: y Correlation ID: z";
  const unknown = Response.json({ error: "invalid_tenant", error_description }, { status: 400 });
  await using entra = fakeEntra({ token: () => tokenAnswer(1), configuration: unknown });
  using signedIn = await signIn(entra.authority);
  await assert.rejects(signedIn.credential.getToken(SCOPE), {
    code: "credential-refused",
    message: /: AADSTS90002: Tenant 'x' not found\.$/,
  });
});

Deno.test("environment: the form with the secret follows no redirect", async () => {
  for (const location of ["/elsewhere", "https://localhost/elsewhere"]) {
    await using entra = fakeEntra({
      token: () => new Response(null, { status: 307, headers: { Location: location } }),
    });
    using signedIn = await signIn(entra.authority);
    await assert.rejects(signedIn.credential.getToken(SCOPE), { code: "credential-refused" });
    assert.deepEqual(entra.paths.filter((path) => path.startsWith("POST ")), [
      `POST /${TENANT}/oauth2/v2.0/token`,
    ]);
  }
});

Deno.test("environment: what the network did is said as it is", async () => {
  const { authority: gone } = await (async () => {
    await using entra = fakeEntra({ token: () => tokenAnswer(1) });
    return entra;
  })();
  using signedIn = await signIn(gone);
  await assert.rejects(signedIn.credential.getToken(SCOPE), { code: "connect-refused" });
});

Deno.test("environment: ids that cannot be any are refused before they reach a URL", async () => {
  for (const tenant of ["a/../b", "a b", "https://evil.example"]) {
    await assert.rejects(
      signIn("https://entra.example", { ...variables, AZURE_TENANT_ID: tenant }),
      {
        code: "credential-refused",
      },
    );
  }
});

Deno.test("environment: a signal ends it with its own reason", async () => {
  const reason = new Error("enough");
  await using entra = fakeEntra({ token: () => tokenAnswer(1) });
  using signedIn = await signIn(entra.authority);
  await assert.rejects(
    signedIn.credential.getToken(SCOPE, { signal: AbortSignal.abort(reason) }),
    reason,
  );
});
