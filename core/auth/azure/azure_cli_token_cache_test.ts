import assert from "node:assert/strict";
import { readAzureCliAppToken, readAzureCliTokenCache } from "./azure_cli_token_cache.ts";

const own = { home_account_id: "ada.home", environment: "entra.example" };
const query = { environments: ["entra.example"], username: "Ada@Contoso", clientId: "az" };
const account = { ...own, username: "ada@contoso" };
const SCOPE = "https://arm.example/.default";

function accessToken(secret: string, others: Record<string, unknown> = {}) {
  return {
    ...own,
    secret,
    client_id: "az",
    realm: "tenant",
    token_type: "Bearer",
    target: "https://arm.example//user_impersonation https://arm.example//.default",
    expires_on: "2000",
    ...others,
  };
}

function read(cache: Record<string, readonly unknown[]>) {
  const table = (list: readonly unknown[]) => Object.fromEntries(list.entries());
  return readAzureCliTokenCache(
    Object.fromEntries(Object.entries(cache).map(([kind, list]) => [kind, table(list)])),
    query,
  );
}

Deno.test("readAzureCliTokenCache: the user's token of that tenant and resource alone", () => {
  const tokens = read({
    Account: [account],
    AccessToken: [
      accessToken("another tenant's", { realm: "other" }),
      accessToken("another user's", { home_account_id: "bob.home" }),
      accessToken("another cloud's", { environment: "elsewhere.example" }),
      accessToken("another program's", { client_id: "vscode" }),
      accessToken("another resource's", { target: "https://graph.example/.default" }),
      accessToken("a certificate", { token_type: "ssh-cert", expires_on: "9000" }),
      accessToken("endless", { expires_on: "soon" }),
      accessToken("short", { expires_on: "1000" }),
      accessToken("right", { expires_on: 3000 }),
    ],
  });
  const found = tokens?.accessToken("tenant", ["https://x.example/.default", SCOPE]);
  assert.deepEqual(found, { secret: "right", expiresOn: 3_000_000 });
  assert.equal(tokens?.accessToken("tenant", ["https://x.example/.default"]), undefined);
});

Deno.test("readAzureCliTokenCache: the refresh token, az's own or the family's", () => {
  const family = { ...own, client_id: "vscode", family_id: "1", secret: "family" };
  const lone = { ...own, client_id: "other", secret: "lone" };
  const az = { ...own, client_id: "az", secret: "az" };
  const token = (list: readonly unknown[]) =>
    read({ Account: [account], RefreshToken: list })?.refreshToken;
  assert.equal(token([family, lone, az]), "az");
  assert.equal(token([lone, family]), "family");
  assert.equal(token([lone]), undefined);
  assert.equal(token([{ ...az, home_account_id: "bob.home" }]), undefined);
});

Deno.test("readAzureCliTokenCache: who is not in it, and what is damaged", () => {
  assert.equal(read({ Account: [{ ...account, username: "bob@contoso" }] }), undefined);
  assert.equal(read({ Account: [{ ...account, environment: "elsewhere.example" }] }), undefined);
  for (const cache of [undefined, null, 1, [], {}, { Account: 1 }, { Account: { x: 1 } }]) {
    assert.equal(readAzureCliTokenCache(cache, query), undefined);
  }
  assert.equal(read({ Account: [account], RefreshToken: [1, null] })?.refreshToken, undefined);
});

Deno.test("readAzureCliAppToken: a service principal's, and nobody's who has an account", () => {
  const app = { home_account_id: null, client_id: "app" };
  const AccessToken = {
    1: accessToken("a user's", { client_id: "app", expires_on: "9000" }),
    2: accessToken("another app's", { ...app, client_id: "other" }),
    3: accessToken("another tenant's", { ...app, realm: "other" }),
    4: accessToken("another cloud's", { ...app, environment: "elsewhere.example" }),
    5: accessToken("right", app),
  };
  const wanted = {
    environments: ["entra.example"],
    clientId: "app",
    realm: "tenant",
    scopes: [SCOPE],
  };
  assert.deepEqual(readAzureCliAppToken({ AccessToken }, wanted), {
    secret: "right",
    expiresOn: 2_000_000,
  });
  assert.equal(readAzureCliAppToken({ AccessToken: [1, null] }, wanted), undefined);
  assert.equal(readAzureCliAppToken(undefined, wanted), undefined);
});
