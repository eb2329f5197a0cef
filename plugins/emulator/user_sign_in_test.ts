/** Users sign in to the emulated Entra by Microsoft's own library, and by hand where it forbids. */

import assert from "node:assert/strict";
import {
  AuthError,
  CryptoProvider,
  type INetworkModule,
  type NetworkResponse,
  PublicClientApplication,
} from "@azure/msal-node";
import { type RunningEmulator, startEmulator } from "./emulator.ts";
import { parseJwt } from "./jwt.ts";
import { createTestClient, type TestClient } from "./test_client.ts";
import { APP, SECRET, tenants, testWorld } from "./test_world.ts";
import { defaults, type WorldInput } from "./world_schema.ts";

const SCOPE = "https://management.emulator.test/.default";
const REDIRECT = "http://localhost:4711";
const ADA = "ada@home.test";

function network(client: TestClient): INetworkModule {
  async function send<Body>(url: string, init: RequestInit): Promise<NetworkResponse<Body>> {
    const { status, headers, json } = await client.request(url, init);
    return { status, headers: Object.fromEntries(headers), body: json as Body };
  }
  return {
    sendGetRequestAsync: (url, options) => send(url, { headers: options?.headers ?? {} }),
    sendPostRequestAsync: (url, options) =>
      send(url, { method: "POST", headers: options?.headers ?? {}, body: options?.body ?? "" }),
  };
}

interface Setting {
  readonly emulator: RunningEmulator;
  readonly client: TestClient;
  readonly msal: PublicClientApplication;
}

async function withMsal(
  changes: Partial<WorldInput>,
  body: (setting: Setting) => Promise<void>,
  authority = "organizations",
): Promise<void> {
  await using emulator = await startEmulator({ world: { ...testWorld, ...changes } });
  using client = createTestClient(emulator);
  const msal = new PublicClientApplication({
    auth: {
      clientId: defaults.publicClient,
      authority: `${emulator.endpoint}/${authority}`,
      knownAuthorities: [new URL(emulator.endpoint).host],
    },
    system: { networkClient: network(client) },
  });
  await body({ emulator, client, msal });
}

function claimsOf(token: string) {
  return parseJwt(token)?.claims ?? {};
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AuthError) return `${error.errorCode}: ${error.errorMessage}`;
    throw error;
  }
  return "good";
}

/** What a browser would: from the app's address to the code that comes back. */
async function browse(url: string, client: TestClient): Promise<URLSearchParams> {
  const { status, headers, text } = await client.request(url);
  assert.equal(status, 302, text);
  const location = new URL(headers.get("Location") ?? "");
  assert.equal(location.origin, REDIRECT);
  return location.searchParams;
}

const autoAda = {
  users: [{ userPrincipalName: ADA, autoApprove: true, otherTenants: [tenants.guest] }],
};

Deno.test("a device code waits until the user approves it", () =>
  withMsal({}, async ({ emulator, msal }) => {
    const seen: string[] = [];
    const result = await msal.acquireTokenByDeviceCode({
      scopes: [SCOPE],
      deviceCodeCallback: ({ userCode, verificationUri }) => {
        seen.push(verificationUri);
        emulator.settleDeviceCode({ userCode, userPrincipalName: ADA });
      },
    });
    assert.deepEqual(seen, [`${emulator.endpoint}/devicelogin`]);
    assert.equal(result?.account?.username, ADA);
    assert.equal(result?.tenantId, tenants.home);
    const { aud, upn, tid, idtyp } = claimsOf(result?.accessToken ?? "");
    assert.deepEqual([aud, upn, tid, idtyp], [
      "https://management.emulator.test",
      ADA,
      tenants.home,
      "user",
    ]);
  }));

Deno.test("a device code that waits, is declined, or is used says so", () =>
  withMsal({}, async ({ emulator, client }) => {
    const start = async () =>
      (await client.request(`${emulator.endpoint}/organizations/oauth2/v2.0/devicecode`, {
        method: "POST",
        body: new URLSearchParams({ client_id: defaults.publicClient, scope: SCOPE }),
      })).json;
    const ask = async (device: string) =>
      (await client.signIn({
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: device,
      })).json["error"];
    const { device_code: one, user_code: userCode } = await start();
    assert.equal(await ask(String(one)), "authorization_pending");
    const approve = (fields: Record<string, string>) =>
      client.request(`${emulator.endpoint}/devicelogin`, {
        method: "POST",
        body: new URLSearchParams(fields),
      });
    const wrong = { code: String(userCode), username: ADA, password: "guess" };
    assert.match((await approve(wrong)).text, /AADSTS50126/);
    assert.equal(await ask(String(one)), "authorization_pending");
    assert.match((await approve({ ...wrong, password: "ada's password" })).text, /Done/);
    assert.equal(await ask(String(one)), undefined);
    assert.equal(await ask(String(one)), "bad_verification_code", "good once");
    const { device_code: two, user_code: declined } = await start();
    emulator.settleDeviceCode({ userCode: String(declined) });
    assert.equal(await ask(String(two)), "authorization_declined");
  }));

Deno.test("a browser brings a code, good once and only with its verifier", () =>
  withMsal(autoAda, async ({ client, msal }) => {
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const url = await msal.getAuthCodeUrl({
      scopes: [SCOPE],
      redirectUri: REDIRECT,
      codeChallenge: challenge,
      codeChallengeMethod: "S256",
      responseMode: "query",
      state: "s1",
      prompt: "select_account",
    });
    const answer = await browse(url, client);
    assert.equal(answer.get("state"), "s1");
    const request = { scopes: [SCOPE], redirectUri: REDIRECT, code: answer.get("code") ?? "" };
    assert.match(
      await codeOf(msal.acquireTokenByCode({ ...request, codeVerifier: "x".repeat(43) })),
      /AADSTS501481/,
    );
    const result = await msal.acquireTokenByCode({ ...request, codeVerifier: verifier });
    assert.equal(result.account?.username, ADA);
    assert.match(
      await codeOf(msal.acquireTokenByCode({ ...request, codeVerifier: verifier })),
      /AADSTS54005/,
    );
  }));

Deno.test("refresh tokens are good for other tenants and resources, until the user is revoked", () =>
  withMsal(autoAda, async ({ emulator, msal }) => {
    const first = await msal.acquireTokenByDeviceCode({
      scopes: [SCOPE],
      deviceCodeCallback: () => {},
    });
    const account = first?.account;
    assert.ok(account);
    const silent = (options: { authority?: string; scopes?: string[] }) =>
      msal.acquireTokenSilent({ account, scopes: [SCOPE], forceRefresh: true, ...options });
    const guest = await silent({ authority: `${emulator.endpoint}/${tenants.guest}` });
    assert.equal(claimsOf(guest.accessToken)["tid"], tenants.guest);
    const graph = await silent({ scopes: ["https://graph.emulator.test/.default"] });
    assert.equal(claimsOf(graph.accessToken)["aud"], "https://graph.emulator.test");
    assert.match(await codeOf(silent({ scopes: ["https://other.test/.default"] })), /AADSTS500011/);

    emulator.setUser({ userPrincipalName: ADA, interactionRequired: true });
    assert.match(await codeOf(silent({})), /^interaction_required: .*AADSTS50076/);
    emulator.setUser({ userPrincipalName: ADA, interactionRequired: false, revoked: true });
    assert.match(await codeOf(silent({})), /^invalid_grant: .*AADSTS50173/);
    emulator.setUser({ userPrincipalName: ADA, disabled: true });
    assert.match(await codeOf(silent({})), /AADSTS50057/);
  }));

Deno.test("signing in anew after a revocation works", () =>
  withMsal(autoAda, async ({ emulator, msal }) => {
    const signIn = () =>
      msal.acquireTokenByDeviceCode({ scopes: [SCOPE], deviceCodeCallback: () => {} });
    await signIn();
    emulator.setUser({ userPrincipalName: ADA, revoked: true });
    const account = (await signIn())?.account;
    assert.ok(account);
    const again = await msal.acquireTokenSilent({ account, scopes: [SCOPE], forceRefresh: true });
    assert.equal(again.account?.username, ADA);
  }));

Deno.test("passwords, wrong tenants, wrong apps: in Entra's words", () =>
  withMsal({
    users: [
      ...testWorld.users,
      { userPrincipalName: "eve@home.test", password: "e", interactionRequired: true },
    ],
  }, async ({ client }) => {
    const password = (username: string, secret: string, tenant?: string) =>
      client.signIn({ grant_type: "password", username, password: secret }, tenant);
    const textOf = async (answer: ReturnType<typeof password>) =>
      String((await answer).json["error_description"] ?? "good").split(":")[0];
    assert.equal(await textOf(password(ADA, "ada's password", "home.test")), "good");
    assert.equal(await textOf(password(ADA, "x")), "AADSTS50126");
    assert.equal(
      await textOf(password("bob@home.test", "bob's password", tenants.guest)),
      "AADSTS50020",
    );
    assert.equal(await textOf(password(ADA, "ada's password", tenants.foreign)), "AADSTS90002");
    const eve = (await password("eve@home.test", "e")).json;
    assert.deepEqual([eve["error"], eve["suberror"]], ["invalid_grant", "basic_action"]);
    assert.equal(
      await textOf(client.signIn({ grant_type: "refresh_token", refresh_token: "x" })),
      "AADSTS70000",
    );
    const stranger = client.signIn({
      grant_type: "password",
      username: ADA,
      password: "ada's password",
      client_id: crypto.randomUUID(),
    });
    assert.equal(await textOf(stranger), "AADSTS700016");
  }));

Deno.test("the sign-in page asks, escapes, and sends nobody elsewhere", () =>
  withMsal({}, async ({ emulator, client }) => {
    const address = (changes: Record<string, string>) =>
      `${emulator.endpoint}/common/oauth2/v2.0/authorize?${new URLSearchParams({
        client_id: defaults.publicClient,
        response_type: "code",
        redirect_uri: REDIRECT,
        scope: SCOPE,
        state: "s",
        ...changes,
      })}`;
    const page = await client.request(address({ login_hint: '"><script>x' }));
    assert.equal(page.status, 200);
    assert.ok(!page.text.includes("<script>"));
    const post = (fields: Record<string, string>) =>
      client.request(address({}), { method: "POST", body: new URLSearchParams(fields) });
    assert.match((await post({ username: ADA, password: "x" })).text, /AADSTS50126/);
    const good = await post({ username: ADA, password: "ada's password" });
    assert.match(good.headers.get("Location") ?? "", /^http:\/\/localhost:4711\/\?code=/);
    const evil = await client.request(address({ redirect_uri: "https://evil.test/" }));
    assert.deepEqual([evil.status, evil.headers.get("Location")], [400, null]);
    const silent = await browse(address({ prompt: "none" }), client);
    assert.equal(silent.get("error"), "login_required");
  }));

Deno.test("groups make a token long, and too many groups short again", async () => {
  for (const [groups, expected] of [[0, "none"], [180, "180"], [201, "overage"]] as const) {
    await withMsal(
      { users: [{ userPrincipalName: ADA, password: "p", groups }] },
      async ({ client }) => {
        const token = await client.userToken(ADA, "p");
        const { groups: told, _claim_names: names } = claimsOf(token);
        const seen = Array.isArray(told) ? String(told.length) : names ? "overage" : "none";
        assert.equal(seen, expected);
        const answer = await client.post({ aztoken: token });
        assert.equal(answer.status, expected === "180" ? 400 : 200, answer.text);
      },
    );
  }
});

Deno.test("AD FS: users and apps, by libraries and by the older parameters", () =>
  withMsal(autoAda, async ({ emulator, client, msal }) => {
    const result = await msal.acquireTokenByDeviceCode({
      scopes: [SCOPE],
      deviceCodeCallback: () => {},
    });
    const token = result?.accessToken ?? "";
    assert.equal(claimsOf(token)["iss"], `${emulator.endpoint}/adfs`);
    const list = await client.get("/subscriptions?api-version=2022-12-01", token);
    assert.equal(list.status, 200, list.text);
    const app = await client.request(`${emulator.endpoint}/adfs/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: APP,
        client_secret: SECRET,
        resource: "https://management.emulator.test/",
      }),
    });
    assert.equal(app.json["resource"], "https://management.emulator.test", app.text);
    const configuration = await client.request(
      `${emulator.endpoint}/adfs/.well-known/openid-configuration`,
    );
    assert.equal(configuration.json["token_endpoint"], `${emulator.endpoint}/adfs/oauth2/token`);
  }, "adfs"));

Deno.test("instances are discovered, and only this one is known", () =>
  withMsal({}, async ({ emulator, client }) => {
    const discover = (endpoint: string) =>
      client.request(
        `${emulator.endpoint}/common/discovery/instance?api-version=1.1&authorization_endpoint=${
          encodeURIComponent(endpoint)
        }`,
      );
    const own = await discover(`${emulator.endpoint}/home.test/oauth2/v2.0/authorize`);
    assert.equal(
      own.json["tenant_discovery_endpoint"],
      `${emulator.endpoint}/home.test/v2.0/.well-known/openid-configuration`,
    );
    assert.equal(
      (await discover("https://elsewhere.test/common")).json["error"],
      "invalid_instance",
    );
  }));

Deno.test("users, VMs and codes are changed by controls, which want the key", () =>
  withMsal({}, async ({ emulator, client }) => {
    const key = emulator.environment["BASTION_EMULATOR_KEY"] ?? "";
    const send = async (what: string, body: unknown, bearer = key) => {
      const { status, text } = await client.request(`${emulator.endpoint}/_emulator/${what}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${bearer}` },
        body: JSON.stringify(body),
      });
      return `${status} ${text}`;
    };
    const user = { userPrincipalName: ADA, disabled: true };
    assert.match(await send("users", user, "wrong"), /^401/);
    assert.match(await send("users", user), /^204/);
    assert.equal(emulator.world.users[0]?.disabled, true);
    assert.match(await send("users", { ...user, userPrincipalName: "x@y" }), /^404 .*no user x@y/);
    assert.match(await send("users", { ...user, disable: true }), /^400 .*did you mean/);
    const app = { clientId: APP, disabled: true };
    assert.match(await send("apps", app), /^204/);
    const refused = await client.signIn({
      grant_type: "client_credentials",
      client_id: APP,
      client_secret: SECRET,
      scope: SCOPE,
    }, tenants.home);
    assert.match(refused.text, /AADSTS7000112/);
    assert.match(await send("apps", { ...app, clientId: "x" }), /^404 .*no app x/);
    const [vm] = emulator.world.virtualMachines;
    assert.match(await send("machines", { id: vm?.id, powerState: "stopped" }), /^204/);
    assert.equal(vm?.powerState, "stopped");
    assert.match(await send("device-codes", { userCode: "NONE" }), /^404 .*NONE/);
  }));
