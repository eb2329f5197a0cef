/** The browser's half of a sign-in: from the app's address to a code, sent back to the app. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthorizationCodes } from "./authorization_codes.ts";
import type { Authority, Directory } from "./directory.ts";
import { type EntraRefusal, entraRefusal, fullDescription } from "./entra_refusal.ts";
import { type FormField, sendPage } from "./html_page.ts";
import { readBody } from "./http_body.ts";
import { clientInfo } from "./client_info.ts";
import type { User } from "./identities.ts";

export interface AuthorizeOptions {
  readonly directory: Directory;
  readonly codes: AuthorizationCodes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const TITLE = "Sign in to the emulated Azure";

export function createAuthorize({ directory, codes, now }: AuthorizeOptions) {
  /** Without a request that is in order, nothing is sent anywhere: an error is shown here. */
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    authority: Authority,
  ): Promise<void> => {
    const asked = url.searchParams;
    const clientId = asked.get("client_id") ?? "";
    const redirectUri = asked.get("redirect_uri") ?? "";
    const problem = directory.clientProblem(clientId, authority) ?? redirectProblem(redirectUri);
    if (problem) return sendPage(response, 400, { title: TITLE, text: problem.description });
    const answer = (fields: Record<string, string>) =>
      sendBack(response, redirectUri, asked.get("response_mode") ?? "query", {
        ...fields,
        state: asked.get("state") ?? "",
      });
    const refuse = (refusal: EntraRefusal) =>
      answer({ error: refusal.error, error_description: fullDescription(refusal, now()).text });
    const wrong = requestProblem(asked);
    if (wrong) return refuse(wrong);

    let user: User | undefined;
    let text = "Who are you?";
    if (request.method === "POST") {
      const form = new URLSearchParams(await readBody(request) ?? "");
      const checked = directory.checkPassword(
        form.get("username") ?? "",
        form.get("password") ?? "",
      );
      if ("error" in checked) text = checked.description;
      else user = checked;
    } else user = directory.autoApproved(authority, asked.get("login_hint") ?? undefined);
    if (!user) {
      if (asked.get("prompt") === "none") {
        return refuse(entraRefusal(
          "login_required",
          "AADSTS50058: A silent sign-in request was sent but no user is signed in.",
        ));
      }
      const fields: FormField[] = [
        {
          name: "username",
          label: "User",
          type: "text",
          value: asked.get("login_hint") ?? "",
        },
        { name: "password", label: "Password", type: "password" },
      ];
      const form = { action: `${url.pathname}${url.search}`, fields };
      return sendPage(response, 200, { title: TITLE, text, form });
    }
    const tenant = directory.tenantOf(user, authority);
    if (typeof tenant !== "string") return refuse(tenant);
    const challenge = asked.get("code_challenge");
    const nonce = asked.get("nonce");
    const code = codes.issue({
      user,
      clientId,
      redirectUri,
      scope: asked.get("scope") ?? "",
      ...(challenge === null ? {} : { challenge }),
      ...(nonce === null ? {} : { nonce }),
    });
    answer({
      code,
      session_state: crypto.randomUUID(),
      ...(asked.get("client_info") === "1" ? { client_info: clientInfo(user) } : {}),
    });
  };
}

/** The Azure CLI's app takes codes on this computer alone, by this name. */
function redirectProblem(text: string): EntraRefusal | undefined {
  const url = URL.parse(text);
  if (url?.protocol === "http:" && url.hostname === "localhost") return undefined;
  return entraRefusal(
    "invalid_request",
    `AADSTS50011: The redirect URI '${text}' specified in the request does not match the redirect URIs configured for the application.`,
  );
}

function requestProblem(asked: URLSearchParams): EntraRefusal | undefined {
  if (asked.get("response_type") !== "code") {
    return entraRefusal(
      "unsupported_response_type",
      "AADSTS700051: response_type is not enabled for the application.",
    );
  }
  if (asked.has("code_challenge") && asked.get("code_challenge_method") !== "S256") {
    return entraRefusal(
      "invalid_request",
      "AADSTS501491: Invalid size of Code_Challenge parameter, or its method is not S256.",
    );
  }
  return undefined;
}

function sendBack(
  response: ServerResponse,
  redirectUri: string,
  mode: string,
  fields: Readonly<Record<string, string>>,
): void {
  if (mode === "form_post") {
    return sendPage(response, 200, {
      title: TITLE,
      text: "You are sent back to the app.",
      form: {
        action: redirectUri,
        fields: Object.entries(fields).map(([name, value]) => ({
          name,
          value,
          label: "",
          type: "hidden",
        })),
        isAutomatic: true,
      },
    });
  }
  const url = new URL(redirectUri);
  const values = new URLSearchParams(fields);
  if (mode === "fragment") url.hash = values.toString();
  else for (const [name, value] of values) url.searchParams.set(name, value);
  response.writeHead(302, { Location: url.href, "Content-Length": 0, "Cache-Control": "no-store" });
  response.end();
}
