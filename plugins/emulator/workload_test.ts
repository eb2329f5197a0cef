/** Sign-in without a secret: another issuer's word, and a computer's own identity. */

import assert from "node:assert/strict";
import { ManagedIdentityApplication } from "@azure/msal-node";
import { startEmulator } from "./emulator.ts";
import { signJwt } from "./jwt.ts";
import { createTestClient, type TestClient } from "./test_client.ts";
import { APP, SECRET, tenants, testWorld } from "./test_world.ts";

const ALGORITHM = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const SUBJECT = "repo:us/app:ref:refs/heads/main";

async function signIn(client: TestClient, assertion: string, clientId = APP): Promise<string> {
  const { json } = await client.signIn({
    grant_type: "client_credentials",
    client_id: clientId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
    scope: "https://management.emulator.test/.default",
  }, tenants.home);
  return String(json["error_description"] ?? "good").split(":")[0] ?? "";
}

Deno.test("an app takes the word of the issuers that it trusts, for its own subject", async () => {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const { n = "", e = "" } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const issuer = "https://issuer.test";
  await using emulator = await startEmulator({
    world: {
      ...testWorld,
      servicePrincipals: [
        {
          tenant: tenants.home,
          clientId: APP,
          federatedCredentials: [
            { issuer: "github", subject: SUBJECT },
            { issuer, subject: "job", key: { kty: "RSA", n, e } },
          ],
        },
        {
          tenant: tenants.home,
          clientId: "0e0e0e0e-0000-4000-8000-0000000000c2",
          federatedCredentials: [{ issuer: "azure-pipelines", subject: "sc://us/app/azure" }],
        },
      ],
    },
  });
  using client = createTestClient(emulator);
  assert.equal(emulator.world.servicePrincipals[0]?.clientSecret, undefined);

  const github = emulator.workloadEnvironment("github");
  const address = `${github["ACTIONS_ID_TOKEN_REQUEST_URL"]}&audience=api://AzureADTokenExchange`;
  assert.equal((await client.request(address)).status, 401);
  const headers = { Authorization: `bearer ${github["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]}` };
  const token = String((await client.request(address, { headers })).json["value"]);
  assert.equal(await signIn(client, token), "good");
  const otherwise = (await client.request(`${address}x`, { headers })).json["value"];
  assert.equal(await signIn(client, String(otherwise)), "AADSTS700212");

  const pipelines = emulator.workloadEnvironment("azure-pipelines");
  const { json } = await client.request(
    `${pipelines["SYSTEM_OIDCREQUESTURI"]}?api-version=7.1&serviceConnectionId=${
      pipelines["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"]
    }`,
    { method: "POST", headers: { Authorization: `Bearer ${pipelines["SYSTEM_ACCESSTOKEN"]}` } },
  );
  const ofPipelines = String(json["oidcToken"]);
  assert.equal(
    await signIn(client, ofPipelines, pipelines["AZURESUBSCRIPTION_CLIENT_ID"]),
    "good",
  );
  assert.equal(await signIn(client, ofPipelines), "AADSTS700211", "another app's issuer");

  const now = Math.floor(Date.now() / 1000);
  const own = (changes: Record<string, unknown>, key = pair.privateKey) =>
    signJwt({}, {
      iss: issuer,
      sub: "job",
      aud: "api://AzureADTokenExchange",
      exp: now + 60,
      ...changes,
    }, key);
  assert.equal(await signIn(client, await own({})), "good");
  assert.equal(await signIn(client, await own({ sub: "other" })), "AADSTS700213");
  assert.equal(await signIn(client, await own({ exp: now - 1 })), "AADSTS700024");
  const stranger = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  assert.equal(await signIn(client, await own({}, stranger.privateKey)), "AADSTS50013");
  assert.equal(await signIn(client, "no token"), "AADSTS50027");
});

Deno.test("without an app that trusts them, there are no issuers in the environment", async () => {
  await using emulator = await startEmulator();
  assert.deepEqual(emulator.workloadEnvironment("github"), {});
  assert.equal(emulator.managedIdentity, undefined);
  assert.equal(emulator.environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"], undefined);
});

Deno.test("a VM's identities: by library, by id, and refused as the metadata service does", async () => {
  const [system, one, two] = ["d1", "d2", "d3"].map((end) =>
    `0e0e0e0e-0000-4000-8000-0000000000${end}`
  );
  assert.ok(system && one && two);
  const resourceId = `/subscriptions/${testWorld.subscriptions[0]?.id}/resourceGroups/app` +
    "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one";
  await using emulator = await startEmulator({
    world: {
      ...testWorld,
      managedIdentities: [
        { clientId: one, resourceId },
        { clientId: two, resourceId: `${resourceId}2` },
      ],
      roles: [{ principal: one, scope: `/subscriptions/${testWorld.subscriptions[0]?.id}` }],
    },
  });
  using client = createTestClient(emulator);
  const { managedIdentity: addresses } = emulator;
  assert.ok(addresses);
  assert.equal(emulator.environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"], addresses.imds);
  const ask = (query: string, headers: HeadersInit = { Metadata: "true" }) =>
    client.request(
      `${addresses.imds}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.emulator.test/&${query}`,
      { headers },
    );
  const good = await ask(`client_id=${one}`);
  assert.equal(good.json["client_id"], one);
  assert.equal(typeof good.json["expires_in"], "string");
  const token = String(good.json["access_token"]);
  assert.equal((await client.get("/subscriptions?api-version=2022-12-01", token)).status, 200);
  assert.equal((await ask(`msi_res_id=${resourceId.toUpperCase()}`)).status, 200);
  assert.equal(
    (await ask(`object_id=${emulator.world.managedIdentities[1]?.objectId}`)).status,
    200,
  );
  const problem = async (answer: ReturnType<typeof ask>) =>
    `${(await answer).status} ${(await answer).json["error_description"]}`;
  assert.equal(await problem(ask(`client_id=${system}`)), "400 Identity not found");
  assert.match(await problem(ask("")), /^400 Multiple user assigned identities/);
  assert.match(await problem(ask(`client_id=${one}`, {})), /^400 Required metadata header/);
  const forwarded = { Metadata: "true", "X-Forwarded-For": "10.0.0.1" };
  assert.match(await problem(ask(`client_id=${one}`, forwarded)), /^400 .*proxy/);

  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = addresses.appService;
  const appService = (header: string) =>
    client.request(
      `${IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https://management.emulator.test&client_id=${two}`,
      { headers: { "X-IDENTITY-HEADER": header } },
    );
  assert.equal((await appService(IDENTITY_HEADER)).json["client_id"], two);
  assert.equal((await appService("guess")).status, 400);

  emulator.setFaults([{ at: "imds", kind: "status", status: 500 }, { at: "imds", kind: "rst" }]);
  assert.equal((await ask(`client_id=${one}`)).status, 500);
  emulator.setFaults([{ at: "imds", kind: "rst" }]);
  await assert.rejects(ask(`client_id=${one}`));
  emulator.setFaults([]);

  Deno.env.set("AZURE_POD_IDENTITY_AUTHORITY_HOST", addresses.imds);
  try {
    const application = new ManagedIdentityApplication({
      managedIdentityIdParams: { userAssignedClientId: one },
      system: {
        networkClient: {
          async sendGetRequestAsync<Body>(url: string, options?: { headers?: HeadersInit }) {
            const { status, json } = await client.request(url, { headers: options?.headers ?? {} });
            return { status, headers: {}, body: json as Body };
          },
          sendPostRequestAsync: () => Promise.reject(new Error("nothing is posted")),
        },
      },
    });
    const result = await application.acquireToken({ resource: "https://management.emulator.test" });
    assert.match(result.accessToken, /^ey/);
  } finally {
    Deno.env.delete("AZURE_POD_IDENTITY_AUTHORITY_HOST");
  }
});

Deno.test("an app is known in its other tenants, and nowhere else", async () => {
  await using emulator = await startEmulator({
    world: {
      ...testWorld,
      servicePrincipals: [{
        tenant: tenants.home,
        clientId: APP,
        clientSecret: SECRET,
        otherTenants: [tenants.guest],
      }],
      tenants: [{ id: tenants.foreign }],
    },
  });
  using client = createTestClient(emulator);
  const errorAt = async (tenant: string) =>
    (await client.signIn({
      grant_type: "client_credentials",
      client_id: APP,
      client_secret: SECRET,
      scope: "https://management.emulator.test/.default",
    }, tenant)).json["error"];
  assert.equal(await errorAt(tenants.guest), undefined);
  assert.equal(await errorAt(tenants.foreign), "unauthorized_client");
});
