/** What a failed sign-in comes to, in the user's words. */

import { bastionError, isBastionError, messageOf } from "../../../errors.ts";
import type { HttpResponse } from "../../../net/http_client.ts";
import { isRecord } from "../../../record.ts";
import { printable } from "../../../secret.ts";
import type { Exchange } from "./msal_network.ts";

/** OAuth's and MSAL's words for: the user must sign in again. */
const INTERACTION = new Set([
  "interaction_required",
  "invalid_grant",
  "consent_required",
  "login_required",
  "no_tokens_found",
  "native_account_unavailable",
  "refresh_token_expired",
  "bad_token",
  "ui_not_allowed",
]);

export interface FailedSignIn {
  /** As `login (ada@contoso.com)`. */
  readonly credential: string;
  /** What signs in again, where a token was asked for without the user. */
  readonly command?: string;
}

/** Network errors say so themselves; all else is Entra's word, or MSAL's. */
export function loginError(error: unknown, last: Exchange, failed: FailedSignIn): Error {
  if (isBastionError(last.failure)) return last.failure;
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (isBastionError(inner)) return inner;
  }
  const { credential, command } = failed;
  const said = saidBy(last.answer);
  const own = isRecord(error) && typeof error["errorCode"] === "string" ? error["errorCode"] : "";
  const reason = printable(said?.text ?? (messageOf(error) || "no reason was given"));
  if (command !== undefined && (INTERACTION.has(said?.code ?? "") || INTERACTION.has(own))) {
    return bastionError("credential-interaction", { credential, reason, command }, error);
  }
  return bastionError("credential-refused", { credential, reason }, error);
}

/** What a refusal of Entra's says, of which the first line is for people. */
function saidBy(answer: HttpResponse | undefined): { code: string; text: string } | undefined {
  if (!answer) return undefined;
  try {
    const document: unknown = JSON.parse(answer.text());
    if (answer.status === 200 && isRecord(document)) return undefined;
    const { error_description: text, error: code } = isRecord(document) ? document : {};
    if (typeof code === "string" && code !== "") {
      const description = typeof text === "string" && text !== "" ? text : code;
      return { code, text: description.split(/\s*[\r\n]|\s+Trace ID:/, 1)[0] ?? "" };
    }
  } catch {
    // A proxy's page, or a portal's.
  }
  return { code: "", text: `HTTP ${answer.status}, with nothing that Entra would say` };
}
