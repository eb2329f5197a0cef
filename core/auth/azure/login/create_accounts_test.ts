import assert from "node:assert/strict";
import { publicCloud } from "../../../azure/clouds.ts";
import { systemClock } from "../../../clock.ts";
import { isBastionError } from "../../../errors.ts";
import { createLogger } from "../../../logger.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../../../net/http_client.ts";
import { createPlatform } from "../../../platform.ts";
import type { UserSignIn } from "../accounts.ts";
import type { CredentialSource } from "../credential.ts";
import { createAccounts } from "./create_accounts.ts";
import { loginProvider } from "./login_provider.ts";

const TENANT = "11111111-0000-4000-8000-000000000001";
const GUEST = "11111111-0000-4000-8000-000000000002";
const SUBSCRIPTION = "22222222-0000-4000-8000-000000000001";
const cloud = { ...publicCloud, name: "Test", authority: "https://login.test:8443" };

/** Entra and Resource Manager, as far as a device-code sign-in sees them. */
function fakeAzure() {
  let issued = 0;
  const state = {
    requests: [] as { url: string; form: URLSearchParams }[],
    user: "ada",
    pending: 0,
    refusal: undefined as Record<string, unknown> | undefined,
    page: undefined as string | undefined,
    status: 200,
  };
  const http: HttpClient = {
    close: () => {},
    request: (request: HttpRequest) => {
      const url = new URL(request.url);
      const form = new URLSearchParams(typeof request.body === "string" ? request.body : "");
      state.requests.push({ url: url.href, form });
      return Promise.resolve(answer(url, form));
    },
  };
  function answer(url: URL, form: URLSearchParams): HttpResponse {
    if (state.page !== undefined) return response(state.status, state.page);
    const base = `${url.origin}/${url.pathname.split("/")[1]}`;
    if (url.pathname.endsWith("openid-configuration")) {
      return json(200, {
        issuer: `${url.origin}/${TENANT}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      });
    }
    if (url.pathname.endsWith("/devicecode")) {
      return json(200, {
        device_code: "device-secret-1234",
        user_code: "ABCD-EFGH",
        verification_uri: "https://login.test:8443/device",
        expires_in: 900,
        interval: 0,
        message: "",
      });
    }
    if (url.pathname === "/subscriptions") {
      return json(200, { value: [{ subscriptionId: SUBSCRIPTION, displayName: "Dev" }] });
    }
    if (state.refusal) return json(400, state.refusal);
    if (state.pending-- > 0) return json(400, { error: "authorization_pending" });
    issued++;
    const tenant = url.pathname.split("/")[1] === GUEST ? GUEST : TENANT;
    return json(200, tokens(state.user, tenant, issued, form.get("grant_type") ?? ""));
  }
  return { http, state };
}

function tokens(user: string, tenant: string, number: number, grant: string) {
  if (grant === "client_credentials") {
    return { token_type: "Bearer", expires_in: 3600, access_token: `application-${number}` };
  }
  const claims = { tid: tenant, oid: user, sub: user, preferred_username: `${user}@test` };
  const jwt = [{ alg: "none" }, { ...claims, iss: `https://login.test:8443/${tenant}/v2.0` }]
    .map((part) => encode(JSON.stringify(part))).join(".");
  return {
    token_type: "Bearer",
    expires_in: 3600,
    scope: `${cloud.audience}/.default`,
    access_token: `${encode('{"alg":"none"}')}.${encode(JSON.stringify(claims))}.${number}`,
    refresh_token: `refresh-secret-${number}`,
    id_token: `${jwt}.x`,
    client_info: encode(JSON.stringify({ uid: user, utid: TENANT })),
  };
}

const encode = (text: string) =>
  new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });

function response(status: number, text: string): HttpResponse {
  return {
    status,
    headers: new Headers(),
    body: new TextEncoder().encode(text),
    text: () => text,
  };
}

const json = (status: number, body: unknown) => response(status, JSON.stringify(body));

async function withAccounts(
  body: (test: {
    accounts: ReturnType<typeof createAccounts>;
    source: CredentialSource;
    azure: ReturnType<typeof fakeAzure>;
    directory: string;
    shown: string[];
    device: () => UserSignIn;
  }) => Promise<void>,
  { memoryOnly = false }: { memoryOnly?: boolean } = {},
): Promise<void> {
  const home = await Deno.makeTempDir();
  const env = (name: string) => name === "HOME" ? home : undefined;
  const azure = fakeAzure();
  const source: CredentialSource = {
    cloud,
    http: azure.http,
    log: createLogger("test", () => {}),
    clock: systemClock,
    platform: createPlatform("linux", env),
    memoryOnly,
    env,
  };
  const shown: string[] = [];
  const accounts = createAccounts({
    source,
    credential: async () => {
      const found = await loginProvider.create(source);
      if ("absent" in found) throw new Error(found.absent);
      return found;
    },
  });
  const device = () => ({
    kind: "device-code" as const,
    show: ({ url, code }: { url: string; code?: string }) => void shown.push(`${url} ${code}`),
  });
  try {
    await body({
      accounts,
      source,
      azure,
      directory: source.platform.stateDirectory,
      shown,
      device,
    });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const scope = `${cloud.audience}/.default`;

Deno.test("createAccounts: a device code signs in, and later runs need nobody", async () => {
  await withAccounts(async ({ accounts, source, azure, directory, shown, device }) => {
    azure.state.pending = 1;
    const { account, subscriptions } = await accounts.signIn(device());
    assert.deepEqual(shown, ["https://login.test:8443/device ABCD-EFGH"]);
    assert.deepEqual(subscriptions.map(({ name }) => name), ["Dev"]);
    const { id, ...rest } = account;
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, { kind: "user", username: "ada@test", tenant: TENANT, active: true });
    assert.deepEqual(await accounts.list(), [account]);
    assert.equal(((await Deno.stat(`${directory}/login.json`)).mode ?? 0) & 0o777, 0o600);
    assert.equal(((await Deno.stat(directory)).mode ?? 0) & 0o777, 0o700);

    const later = await loginProvider.create(source);
    assert.ok(!("absent" in later));
    assert.equal(later.name, "login (ada@test)");
    const before = azure.state.requests.length;
    const kept = await later.getToken(scope);
    const asked = azure.state.requests.slice(before).map(({ url }) => url);
    assert.ok(asked.every((url) => url.endsWith("openid-configuration")), asked.join());
    const fresh = await later.getToken(scope, { fresh: true });
    assert.notEqual(fresh.token.reveal(), kept.token.reveal());
    assert.equal(azure.state.requests.at(-1)?.form.get("grant_type"), "refresh_token");
    await later.getToken(scope, { tenant: GUEST });
    assert.match(azure.state.requests.at(-1)?.url ?? "", new RegExp(`/${GUEST}/oauth2`));
    const current = await accounts.current();
    assert.equal(current.username, "ada@test");
    assert.equal(current.tenant, TENANT);
  });
});

Deno.test("createAccounts: a revoked sign-in names the command that helps", async () => {
  await withAccounts(async ({ accounts, source, azure, device }) => {
    await accounts.signIn({ ...device(), tenant: TENANT });
    azure.state.refusal = {
      error: "invalid_grant",
      error_description: "AADSTS50173: The grant has been revoked. Trace ID: 1",
    };
    const credential = await loginProvider.create(source);
    assert.ok(!("absent" in credential));
    await assert.rejects(credential.getToken(scope, { fresh: true }), (error) => {
      assert.ok(isBastionError(error, "credential-interaction"));
      assert.match(error.message, /AADSTS50173: The grant has been revoked\.$/);
      assert.equal(error.hint, `Run: bastion login --tenant ${TENANT}`);
      return true;
    });
  });
});

Deno.test("createAccounts: several accounts, of which the last to sign in is active", async () => {
  await withAccounts(async ({ accounts, source, azure, directory, device }) => {
    await accounts.signIn(device());
    azure.state.user = "bob";
    await accounts.signIn(device());
    await accounts.signIn({
      kind: "service-principal",
      clientId: "c1",
      tenant: TENANT,
      proof: { secret: "a-client-secret" },
    });
    const names = async () => (await accounts.list()).map(({ username }) => username);
    assert.deepEqual(await names(), ["c1", "bob@test", "ada@test"]);
    const principal = await loginProvider.create(source);
    assert.ok(!("absent" in principal));
    assert.equal(principal.name, "login (service principal c1)");
    assert.match((await principal.getToken(scope)).token.reveal(), /^application-/);

    await Deno.mkdir(`${directory}/tokens`, { mode: 0o700 });
    await Deno.writeTextFile(`${directory}/tokens/1.json`, "{}");
    assert.deepEqual((await accounts.signOut("BOB@test")).map(({ username }) => username), [
      "bob@test",
    ]);
    assert.deepEqual([...Deno.readDirSync(`${directory}/tokens`)], []);
    assert.deepEqual(await names(), ["c1", "ada@test"]);
    const text = await Deno.readTextFile(`${directory}/login.json`);
    assert.ok(
      !text.includes("bob") && text.includes("ada"),
      "bob's tokens are gone, ada's are not",
    );
    await accounts.setDefaultSubscription(SUBSCRIPTION);
    assert.equal((await accounts.signOut()).length, 2);
    assert.equal(await accounts.defaultSubscription(), undefined);
    assert.deepEqual(await accounts.signOut(), []);
    assert.ok(!(await Deno.readTextFile(`${directory}/login.json`)).includes("secret"));
    const absent = await loginProvider.create(source);
    assert.deepEqual(absent, { absent: "nobody is signed in (run: bastion login)" });
  });
});

Deno.test("createAccounts: sign-ins at the same time do not lose one another", async () => {
  await withAccounts(async ({ accounts, source, device }) => {
    const other = createAccounts({ source, credential: () => Promise.reject(new Error()) });
    const principal = (clientId: string) => ({
      kind: "service-principal" as const,
      clientId,
      tenant: TENANT,
      proof: { secret: "a-client-secret" },
    });
    await Promise.all([
      accounts.signIn(device()),
      other.signIn(principal("c1")),
      other.signIn(principal("c2")),
      accounts.signIn(principal("c3")),
    ]);
    const names = (await accounts.list()).map(({ username }) => username).sort();
    assert.deepEqual(names, ["ada@test", "c1", "c2", "c3"]);
    await accounts.signOut("c3");
    const user = await loginProvider.create(source);
    assert.ok(!("absent" in user));
  });
});

Deno.test("createAccounts: another cloud's sign-in is nobody's here", async () => {
  await withAccounts(async ({ accounts, source, device }) => {
    await accounts.signIn(device());
    await accounts.setDefaultSubscription(SUBSCRIPTION);
    const elsewhere = { ...source, cloud: { ...cloud, name: "Else", authority: "https://e.test" } };
    assert.deepEqual(await loginProvider.create(elsewhere), {
      absent: "nobody is signed in to Else (run: bastion login)",
    });
    const there = createAccounts({
      source: elsewhere,
      credential: () => Promise.reject(new Error()),
    });
    assert.deepEqual(await there.list(), []);
    assert.equal(await there.defaultSubscription(), undefined);
    assert.equal(await accounts.defaultSubscription(), SUBSCRIPTION);
    assert.deepEqual(await there.signOut(), []);
    assert.equal((await accounts.list()).length, 1);
  });
});

Deno.test("createAccounts: with nothing kept there is no file", async () => {
  await withAccounts(async ({ accounts, directory, device }) => {
    await accounts.signIn(device());
    assert.equal((await accounts.list()).length, 1);
    await assert.rejects(Deno.lstat(directory), Deno.errors.NotFound);
  }, { memoryOnly: true });
});

Deno.test("createAccounts: who signs out is forgotten on disk, also where nothing new is to be kept", async () => {
  await withAccounts(async ({ accounts, source, directory, device }) => {
    await accounts.signIn(device());
    await Deno.mkdir(`${directory}/tokens`, { mode: 0o700 });
    await Deno.writeTextFile(`${directory}/tokens/1.json`, "{}");
    const run = createAccounts({
      source: { ...source, memoryOnly: true },
      credential: () => Promise.reject(new Error()),
    });
    assert.deepEqual((await run.signOut()).map(({ username }) => username), ["ada@test"]);
    assert.ok(!(await Deno.readTextFile(`${directory}/login.json`)).includes("refresh-secret"));
    assert.deepEqual([...Deno.readDirSync(`${directory}/tokens`)], []);
    assert.deepEqual(await accounts.list(), []);
  });
});

Deno.test("createAccounts: the default subscription is no token: it is kept with --no-cache, too", async () => {
  await withAccounts(async ({ accounts, source }) => {
    const run = createAccounts({
      source: { ...source, memoryOnly: true },
      credential: () => Promise.reject(new Error()),
    });
    await run.setDefaultSubscription(SUBSCRIPTION);
    assert.equal(await run.defaultSubscription(), SUBSCRIPTION);
    assert.equal(await accounts.defaultSubscription(), SUBSCRIPTION);
  });
});

Deno.test("createAccounts: signing out leaves no token behind, whatever went wrong before", async () => {
  await withAccounts(async ({ accounts, azure, directory, device }) => {
    const { http } = azure;
    const { request } = http;
    // Entra signs in; then the network fails, before the sign-in is known to be any good.
    http.request = async (given) => {
      const answer = await request(given);
      if (answer.text().includes("refresh-secret")) {
        http.request = () => Promise.reject(new Error("cable cut"));
      }
      return answer;
    };
    await assert.rejects(accounts.signIn(device()));
    http.request = request;
    await Deno.mkdir(`${directory}/tokens`, { recursive: true, mode: 0o700 });
    // Another credential's token; and what a run that was killed has left.
    await Deno.writeTextFile(`${directory}/tokens/1.json`, "{}");
    await Deno.writeTextFile(`${directory}/tokens/1.json.0000.tmp`, "{}");
    await Deno.writeTextFile(`${directory}/tokens/1.lock`, "");
    assert.deepEqual(await accounts.signOut(), []);
    const left = await Deno.readTextFile(`${directory}/login.json`).catch(() => "");
    assert.ok(!left.includes("refresh-secret"), left);
    assert.deepEqual([...Deno.readDirSync(`${directory}/tokens`)].map(({ name }) => name), [
      "1.lock",
    ]);
  });
});

Deno.test("createAccounts: what cannot be a sign-in is said, and nothing is kept", async () => {
  await withAccounts(async ({ accounts, azure, directory, device }) => {
    const reasons: [change: () => void, expected: RegExp][] = [
      [() => azure.state.refusal = { error: "authorization_declined" }, /authorization_declined/],
      [
        () => azure.state.refusal = { error: "invalid_client", error_description: "AADSTS7: no" },
        /AADSTS7: no|invalid_client/,
      ],
      [() => azure.state.page = "<html>proxy</html>", /HTTP 200|nothing that Entra would say/],
      [() => (azure.state.status = 307), /HTTP 307, with nothing that Entra would say/],
    ];
    for (const [change, expected] of reasons) {
      change();
      await assert.rejects(accounts.signIn(device()), (error) => {
        assert.ok(isBastionError(error, "credential-refused"), String(error));
        assert.match(error.message, expected);
        return true;
      });
    }
    assert.deepEqual(await accounts.list(), []);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(directory)).catch(() => []), []);
  });
});

Deno.test("createAccounts: a file that is open to others, or not ours, is not used", async () => {
  await withAccounts(async ({ accounts, source, directory, device }) => {
    await accounts.signIn(device());
    await Deno.chmod(`${directory}/login.json`, 0o644);
    await assert.rejects(loginProvider.create(source), (error) => {
      assert.ok(isBastionError(error, "private-file-unsafe"));
      return true;
    });
    for (const text of ["", "{}", '{"version":2}', '{"version":1,"msal":"x","signIns":[]}']) {
      await Deno.remove(`${directory}/login.json`);
      await Deno.writeTextFile(`${directory}/login.json`, text, { mode: 0o600 });
      await assert.rejects(accounts.list(), (error) => {
        assert.ok(isBastionError(error, "login-file-invalid"), text);
        return true;
      });
    }
  });
});

/** Goes where it is told, as a user would who is signed in already. */
const BROWSER = `
const asked = new URL(Deno.args[0]).searchParams;
const back = new URL(asked.get("redirect_uri"));
const challenge = asked.get("code_challenge_method") + asked.get("code_challenge").length;
const answer = Deno.args[1] === "deny"
  ? { error: "access_denied", error_description: "AADSTS65004: declined." }
  : { code: "auth-code-" + challenge };
const state = asked.get("state");
for (const [key, value] of Object.entries({ ...answer, state })) back.searchParams.set(key, value);
await (await fetch(back)).text();`;

async function withBrowser(
  words: readonly string[],
  body: Parameters<typeof withAccounts>[0],
): Promise<void> {
  await withAccounts(async (test) => {
    const script = `${test.directory}-browser.js`;
    await Deno.mkdir(script.replace(/[^/]+$/, ""), { recursive: true });
    await Deno.writeTextFile(script, BROWSER);
    const platform = {
      ...test.source.platform,
      browserCommands: (url: string) =>
        [[Deno.execPath(), "run", "-A", "--no-config", script, url, ...words]] as const,
    };
    const source = { ...test.source, platform };
    const accounts = createAccounts({ source, credential: () => Promise.reject(new Error()) });
    await body({ ...test, source, accounts });
  });
}

Deno.test("createAccounts: the browser brings a code, which only we can redeem", async () => {
  await withBrowser([], async ({ accounts, azure, device, shown }) => {
    assert.equal(accounts.browserAvailable, true);
    const { account } = await accounts.signIn({ ...device(), kind: "browser" });
    assert.equal(account.username, "ada@test");
    assert.match(
      shown[0] ?? "",
      /^https:\/\/login\.test:8443\/organizations\/oauth2\/v2\.0\/authorize\?/,
    );
    const redeemed = azure.state.requests.find(({ form }) =>
      form.get("grant_type") === "authorization_code"
    );
    assert.equal(redeemed?.form.get("code"), "auth-code-S25643");
    const verifier = new TextEncoder().encode(redeemed?.form.get("code_verifier") ?? "");
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", verifier));
    const asked = new URL(shown[0] ?? "").searchParams;
    assert.equal(
      asked.get("code_challenge"),
      hash.toBase64({ alphabet: "base64url", omitPadding: true }),
    );
    assert.match(redeemed?.form.get("redirect_uri") ?? "", /^http:\/\/localhost:\d+$/);
  });
});

Deno.test("createAccounts: who declines in the browser is told so", async () => {
  await withBrowser(["deny"], async ({ accounts, device }) => {
    await assert.rejects(accounts.signIn({ ...device(), kind: "browser" }), (error) => {
      assert.ok(isBastionError(error, "credential-refused"));
      assert.match(error.message, /AADSTS65004: declined\./);
      return true;
    });
  });
});

Deno.test("createAccounts: where no browser starts, a code is shown", async () => {
  await withAccounts(async ({ source, device, shown }) => {
    const platform = {
      ...source.platform,
      browserCommands: () =>
        [["/nowhere/browser"], [Deno.execPath(), "eval", "Deno.exit(3)"]] as const,
    };
    const accounts = createAccounts({
      source: { ...source, platform },
      credential: () => Promise.reject(new Error()),
    });
    await accounts.signIn({ ...device(), kind: "browser" });
    assert.deepEqual(shown, ["https://login.test:8443/device ABCD-EFGH"]);
  });
});

Deno.test("createAccounts: giving up ends the wait", async () => {
  await withAccounts(async ({ accounts, azure, device }) => {
    azure.state.pending = 1_000_000;
    const giveUp = new AbortController();
    const request = device();
    await assert.rejects(
      accounts.signIn(
        { ...request, show: () => giveUp.abort(new Error("enough")) },
        giveUp.signal,
      ),
      /enough/,
    );
  });
});
