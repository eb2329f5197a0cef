import assert from "node:assert/strict";
import { ClientAssertionCredential, ClientSecretCredential } from "@azure/identity";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { createAccessTokens } from "./access_tokens.ts";
import { demoWorld } from "./demo_world.ts";
import { type RunningEmulator, startEmulator } from "./emulator.ts";
import { makePlainError } from "./errors.ts";
import { signJwt } from "./jwt.ts";
import { checkWorld } from "./load_world.ts";
import { createSecretRecord } from "./secret_record.ts";
import { createStats } from "./stats.ts";
import { createTokenSigner } from "./token_signer.ts";
import { createTestClient, type TestClient } from "./test_client.ts";
import { createWorld } from "./world.ts";

const SCOPE = "https://management.emulator.test/.default";

/** What Azure's library needs to talk by our client: its own knows no CA. */
function pipelineClient(client: TestClient): HttpClient {
  return {
    async sendRequest(request): Promise<PipelineResponse> {
      const { status, headers, text } = await client.request(request.url, {
        method: request.method,
        headers: request.headers.toJSON(),
        ...(typeof request.body === "string" ? { body: request.body } : {}),
      });
      return {
        request,
        status,
        headers: createHttpHeaders(Object.fromEntries(headers)),
        bodyAsText: text,
      };
    },
  };
}

function identityOptions(emulator: RunningEmulator, client: TestClient) {
  return {
    authorityHost: emulator.endpoint,
    disableInstanceDiscovery: true,
    httpClient: pipelineClient(client),
    retryOptions: { maxRetries: 0 },
  };
}

Deno.test("Azure's own library signs in with a secret, and Resource Manager takes the token", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const [principal] = emulator.world.servicePrincipals;
  assert.ok(principal?.clientSecret);
  const { tenant, clientId, clientSecret } = principal;
  const options = identityOptions(emulator, client);
  const credential = new ClientSecretCredential(tenant, clientId, clientSecret, options);
  const token = await credential.getToken(SCOPE);
  assert.ok(token.expiresOnTimestamp > Date.now() + 3_000_000);
  assert.equal(
    (await client.get("/subscriptions?api-version=2022-12-01", token.token)).status,
    200,
  );
  assert.ok(emulator.secrets().includes(token.token));

  const wrong = new ClientSecretCredential(tenant, clientId, "wrong", options);
  await assert.rejects(wrong.getToken(SCOPE), /AADSTS7000215/);
  const stranger = new ClientSecretCredential(tenant, crypto.randomUUID(), clientSecret, options);
  await assert.rejects(stranger.getToken(SCOPE), /AADSTS700016/);
  const elsewhere = new ClientSecretCredential(
    crypto.randomUUID(),
    clientId,
    clientSecret,
    options,
  );
  await assert.rejects(elsewhere.getToken(SCOPE), /endpoints_resolution_error/);
  await assert.rejects(
    credential.getToken("https://graph.microsoft.com/.default"),
    /AADSTS500011/,
  );
});

Deno.test("a client assertion is taken from the registered certificate's key alone", async () => {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const generate = () => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const [registered, other] = await Promise.all([generate(), generate()]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=app",
    keys: registered,
    signingAlgorithm: algorithm,
  });
  const tenant = "0e0e0e0e-0000-4000-8000-0000000000aa";
  const clientId = "0e0e0e0e-0000-4000-8000-0000000000ab";
  await using emulator = await startEmulator({
    world: {
      ...demoWorld,
      servicePrincipals: [{ tenant, clientId, certificate: certificate.toString("pem") }],
    },
  });
  using client = createTestClient(emulator);
  const signIn = (keys: CryptoKeyPair, changes: Record<string, unknown> = {}) => {
    const exp = Math.floor(Date.now() / 1000) + 300;
    const aud = `${emulator.endpoint}/${tenant}/oauth2/v2.0/token`;
    const claims = { aud, iss: clientId, sub: clientId, exp, jti: crypto.randomUUID(), ...changes };
    const sign = () => signJwt({ typ: "JWT" }, claims, keys.privateKey);
    const options = identityOptions(emulator, client);
    return new ClientAssertionCredential(tenant, clientId, sign, options).getToken(SCOPE);
  };
  assert.match((await signIn(registered)).token, /^ey/);
  await assert.rejects(signIn(other), /AADSTS700027/);
  await assert.rejects(signIn(registered, { exp: 1 }), /AADSTS700024/);
  await assert.rejects(signIn(registered, { aud: "https://elsewhere" }), /AADSTS50013/);
  await assert.rejects(signIn(registered, { iss: "someone" }), /AADSTS700021/);
});

Deno.test("grants that are not known are refused in Entra's words", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const tenant = emulator.world.servicePrincipals[0]?.tenant;
  const url = `${emulator.endpoint}/${tenant}/oauth2/v2.0/token`;
  const { status, json } = await client.request(url, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "mind-reading" }),
  });
  assert.equal(status, 400);
  assert.equal(json["error"], "unsupported_grant_type");
  assert.match(String(json["error_description"]), /^AADSTS70003: .*Trace ID/);
  assert.equal((await client.request(url)).status, 405);
});

Deno.test("tokens are judged by signature, issuer, audience and time", async () => {
  const world = createWorld(checkWorld(demoWorld, makePlainError));
  const tenant = world.servicePrincipals[0]?.tenant ?? "";
  let now = 1_800_000_000_000;
  const make = async () =>
    createAccessTokens({
      world,
      signer: await createTokenSigner(),
      authority: "https://entra",
      audience: "https://arm",
      lifetime: () => 60,
      secrets: createSecretRecord(),
      stats: createStats(),
      now: () => now,
    });
  const tokens = await make();
  const [principal] = world.servicePrincipals;
  assert.ok(principal);
  const subject = { principal, tenant, clientId: "app" };
  const { token } = await tokens.issue(subject);
  const { objectId } = principal;
  assert.deepEqual(await tokens.judge(token), { tenant, clientId: "app", objectId, name: "app" });
  const codeOf = async (text: string | undefined) => {
    const judgement = await tokens.judge(text);
    return "code" in judgement ? judgement.code : "good";
  };
  assert.equal(await codeOf(undefined), "AuthenticationFailed");
  assert.equal(await codeOf("nonsense"), "InvalidAuthenticationToken");
  const [head = "", , signature = ""] = token.split(".");
  const claims = btoa(JSON.stringify({ aud: "https://arm" })).replace(/=+$/, "");
  assert.equal(await codeOf(`${head}.${claims}.${signature}`), "InvalidAuthenticationToken");
  const stranger = await (await make()).issue(subject);
  assert.equal(await codeOf(stranger.token), "InvalidAuthenticationToken");
  assert.equal(
    await codeOf((await tokens.issue({ ...subject, tenant: "other" })).token),
    "InvalidAuthenticationToken",
  );
  now += 59_000;
  assert.equal(await codeOf(token), "good");
  now += 2_000;
  assert.equal(await codeOf(token), "ExpiredAuthenticationToken");
  now -= 120_000;
  assert.equal(await codeOf(token), "InvalidAuthenticationToken");
});
