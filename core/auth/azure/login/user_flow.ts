/** A user signs in: in a browser on this computer, or by a code in any. */

import type { AuthenticationResult, PublicClientApplication } from "@azure/msal-node";
import type { Cloud } from "../../../azure/cloud.ts";
import type { Clock } from "../../../clock.ts";
import { bastionError } from "../../../errors.ts";
import { listenForRedirect } from "../../../net/loopback_redirect.ts";
import type { Platform } from "../../../platform.ts";
import { printable, Secret } from "../../../secret.ts";
import type { UserSignIn } from "../accounts.ts";
import { authorityOf } from "./msal_client.ts";
import { openBrowser } from "./open_browser.ts";

export interface UserFlow {
  readonly client: PublicClientApplication;
  readonly cloud: Cloud;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly request: UserSignIn;
  readonly signal?: AbortSignal;
}

/** A browser that nobody looks at is not waited for longer, in ms. */
const BROWSER_LIMIT = 10 * 60_000;

/** @throws what MSAL throws; BastionError `login-timeout`; the signal's reason */
export async function signInUser(flow: UserFlow): Promise<AuthenticationResult> {
  const { request, cloud } = flow;
  const common = {
    scopes: [`${cloud.audience}/.default`],
    authority: authorityOf(cloud, request.tenant),
  };
  if (request.kind === "browser") {
    const result = await signInByBrowser(flow, common);
    if (result) return result;
  }
  return await signInByDeviceCode(flow, common);
}

interface Common {
  readonly scopes: string[];
  readonly authority: string;
}

/** Undefined where no browser could be started. */
async function signInByBrowser(
  { client, platform, clock, request, signal }: UserFlow,
  common: Common,
): Promise<AuthenticationResult | undefined> {
  const { CryptoProvider } = await import("@azure/msal-node");
  // Proves to Entra that whoever brings the code is whoever has asked for it (RFC 7636).
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  new Secret(verifier);
  const state = crypto.randomUUID();
  await using redirect = listenForRedirect(state);
  const url = await client.getAuthCodeUrl({
    ...common,
    redirectUri: redirect.url,
    responseMode: "query",
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
    state,
    // Whoever is signed in to the browser already may not be whom the user means.
    ...(request.username === undefined
      ? { prompt: "select_account" }
      : { loginHint: request.username }),
  });
  if (!await openBrowser(url, platform, clock)) return undefined;
  request.show({ url });
  const limit = new AbortController();
  const cancel = clock.after(
    BROWSER_LIMIT,
    () => limit.abort(bastionError("login-timeout", { minutes: BROWSER_LIMIT / 60_000 })),
  );
  try {
    const answer = await orAborted(
      redirect.answer,
      signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
    );
    const code = answer.get("code");
    if (code === null) {
      const reason = answer.get("error_description") ?? answer.get("error") ?? "";
      throw bastionError("credential-refused", {
        credential: "login",
        reason: printable(reason.split(/[\r\n]|\s+Trace ID:/, 1)[0] ?? ""),
      });
    }
    new Secret(code);
    return await client.acquireTokenByCode({
      ...common,
      code,
      codeVerifier: verifier,
      redirectUri: redirect.url,
      clientInfo: answer.get("client_info") ?? "",
    });
  } finally {
    cancel();
  }
}

async function signInByDeviceCode(
  { client, request, signal }: UserFlow,
  common: Common,
): Promise<AuthenticationResult> {
  const asked = {
    ...common,
    // MSAL looks at it before each question, and waits between them.
    cancel: false,
    deviceCodeCallback: ({ verificationUri: url, userCode: code }: DeviceCode) =>
      request.show({ url: printable(url), code: printable(code, 40) }),
  };
  const result = await orAborted(client.acquireTokenByDeviceCode(asked), signal, () => {
    asked.cancel = true;
  });
  if (!result) throw new Error("MSAL gave no result");
  return result;
}

interface DeviceCode {
  readonly verificationUri: string;
  readonly userCode: string;
}

function orAborted<T>(work: Promise<T>, signal?: AbortSignal, stop = () => {}): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      stop();
      reject(signal.reason);
    };
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
