/** What every Azure credential provider must hold; each has a test that runs it. */

import assert from "node:assert/strict";
import type {
  AzureCredential,
  CredentialProvider,
  CredentialSource,
} from "../../core/auth/azure/credential.ts";
import { cached } from "../../core/auth/azure/token_cache.ts";
import { BastionError } from "../../core/errors.ts";
import { createManualClock } from "../../core/testing/manual_clock.ts";
import { eventually } from "../helpers/eventually.ts";

/** How the world around the provider is. */
export type Behaviour =
  /** The nth token is `token-number-n` and lives for an hour. */
  | "works"
  /** What it would need is not set up. */
  | "absent"
  /** It is set up, for another cloud. */
  | "other-cloud"
  /** Whoever issues tokens refuses, and repeats the secrets in its answer. */
  | "refuses"
  /** Whoever issues tokens never answers. */
  | "hangs";

export interface PreparedCredential extends AsyncDisposable {
  readonly source: CredentialSource;
  /** What must never be shown. */
  readonly secrets: readonly string[];
  /** How many tokens have been asked for. */
  requests(): number | Promise<number>;
  /** The tenant that the last token was asked for in. */
  lastTenant?(): string | undefined | Promise<string | undefined>;
}

export interface CredentialCase {
  readonly provider: CredentialProvider;
  prepare(behaviour: Behaviour): Promise<PreparedCredential>;
  /** What the user is told where tokens are refused. */
  readonly refusal: { readonly code: string; readonly message: RegExp; readonly hint: RegExp };
  /** Nothing about it tells of a cloud. */
  readonly anyCloud?: true;
  /** What the first token is; `token-number-1` where it is left out. */
  readonly firstToken?: string;
}

const SCOPE = "https://management.example/.default";
const OTHER_TENANT = "aaaaaaaa-2222-3333-4444-555555555555";

export function credentialContract(name: string, credentialCase: CredentialCase): void {
  const { provider, prepare, refusal, anyCloud, firstToken = "token-number-1" } = credentialCase;
  const test = (what: string, run: () => Promise<void>) =>
    Deno.test(`credential ${name}: ${what}`, run);

  async function present({ source }: PreparedCredential): Promise<AzureCredential> {
    const credential = await provider.create(source);
    if ("absent" in credential) throw new Error(`absent: ${credential.absent}`);
    return credential;
  }

  function assertSilent(text: string, { secrets }: PreparedCredential): void {
    for (const secret of [...secrets, "token-number-"]) {
      assert.ok(!text.includes(secret), `a secret is shown: ${text}`);
    }
  }

  test("absent says why, in a phrase, and asks for no token", async () => {
    for (const behaviour of ["absent", ...anyCloud ? [] : ["other-cloud"]] as const) {
      await using prepared = await prepare(behaviour as Behaviour);
      const credential = await provider.create(prepared.source);
      assert.ok("absent" in credential, behaviour);
      assert.match(credential.absent, /^\S[^\n]{5,150}[^.\s]$/, behaviour);
      if (behaviour === "other-cloud") assert.match(credential.absent, /\bTest\b|not Test's/);
      assertSilent(credential.absent, prepared);
      assert.equal(await prepared.requests(), 0);
    }
  });

  test("a token, its end, and nothing secret in what is shown", async () => {
    await using prepared = await prepare("works");
    const credential = await present(prepared);
    assert.equal(await prepared.requests(), 0, "asked before it was needed");
    const { token, expiresOn } = await credential.getToken(SCOPE);
    assert.equal(token.reveal(), firstToken);
    const minutes = (expiresOn - Date.now()) / 60_000;
    assert.ok(minutes > 50 && minutes < 70, `${minutes} min`);
    assert.match(credential.name, new RegExp(`^${provider.name} \\(`));
    assertSilent(JSON.stringify({ ...credential, token }) + Deno.inspect(token), prepared);
  });

  test("`fresh` brings another token", async () => {
    await using prepared = await prepare("works");
    const credential = await present(prepared);
    await credential.getToken(SCOPE);
    const { token } = await credential.getToken(SCOPE, { fresh: true });
    assert.match(token.reveal(), /^token-number-\d$/);
    assert.notEqual(token.reveal(), firstToken);
  });

  test("a tenant that is asked for is passed on", async () => {
    await using prepared = await prepare("works");
    const credential = await present(prepared);
    await credential.getToken(SCOPE, { tenant: OTHER_TENANT });
    if (prepared.lastTenant) assert.equal(await prepared.lastTenant(), OTHER_TENANT);
    else assert.equal(credential.tenant, undefined, "it knows its tenant and cannot take another");
  });

  test("a refusal is said with what helps, and without secrets", async () => {
    await using prepared = await prepare("refuses");
    const credential = await present(prepared);
    await assert.rejects(credential.getToken(SCOPE, { fresh: true }), (error: unknown) => {
      assert.ok(error instanceof BastionError);
      assert.equal(error.code, refusal.code, error.message);
      assert.equal(error.exit, "credential");
      assert.match(error.message, refusal.message);
      assert.match(error.hint, refusal.hint);
      assertSilent(`${error.message} ${error.hint} ${JSON.stringify(error.params)}`, prepared);
      return true;
    });
  });

  test("a signal ends it with its own reason", async () => {
    await using prepared = await prepare("hangs");
    const credential = await present(prepared);
    const reason = new Error("enough");
    const before = AbortSignal.abort(reason);
    await assert.rejects(credential.getToken(SCOPE, { fresh: true, signal: before }), reason);
    const stop = new AbortController();
    const asking = credential.getToken(SCOPE, { fresh: true, signal: stop.signal });
    const ended = assert.rejects(asking, reason);
    await eventually("it was asked", async () => await prepared.requests() > 0);
    stop.abort(reason);
    await ended;
  });

  test("what hangs is given up after a minute", async () => {
    await using prepared = await prepare("hangs");
    const clock = createManualClock();
    const credential = cached(await present(prepared), clock);
    const ended = assert.rejects(credential.getToken(SCOPE, { fresh: true }), {
      code: "credential-refused",
      message: /no answer within 60 s/,
    });
    await eventually("it was asked", async () => await prepared.requests() > 0);
    await clock.advance(60_000);
    await ended;
  });
}
