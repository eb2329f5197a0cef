/** What a token request asks a token for. */

import { type EntraRefusal, entraRefusal } from "./entra_refusal.ts";
import { GRAPH, RESOURCE_MANAGER, VM_SIGN_IN } from "./token_audiences.ts";

const KNOWN = [RESOURCE_MANAGER, GRAPH, VM_SIGN_IN];
/** They ask for tokens about the user, not for a resource. */
const OPENID = ["openid", "profile", "email", "offline_access"];

export interface RequestedResource {
  readonly audience: string;
  readonly scope: string;
  readonly wantsIdToken: boolean;
  readonly wantsRefreshToken: boolean;
}

/**
 * @param form with `scope`, or `resource` as older endpoints have it
 * @param scopes for where the form has neither
 */
export function requestedResource(
  form: URLSearchParams,
  scopes = "",
): RequestedResource | EntraRefusal {
  const older = form.get("resource");
  const text = form.get("scope") ?? scopes;
  const words = text.split(/\s+/).filter((word) => word !== "");
  const resources = new Set([
    ...(older === null ? [] : [older.replace(/\/+$/, "")]),
    ...words.filter((word) => !OPENID.includes(word)).map(resourceOf),
  ]);
  const [resource = words.length > 0 ? GRAPH : undefined, ...more] = resources;
  if (resource === undefined) {
    return entraRefusal(
      "invalid_request",
      "AADSTS900144: The request body must contain the following parameter: 'scope'.",
    );
  }
  if (more.length > 0) {
    return entraRefusal(
      "invalid_request",
      "AADSTS28000: Provided value for the input parameter scope is not valid because it contains more than one resource.",
    );
  }
  if (!KNOWN.includes(resource)) {
    return entraRefusal(
      "invalid_resource",
      `AADSTS500011: The resource principal named ${
        resource || text
      } was not found in the tenant. The emulator knows ${KNOWN.join("/.default, ")}/.default.`,
    );
  }
  return {
    audience: resource,
    scope: text || `${resource}/.default`,
    wantsIdToken: older !== null || words.includes("openid"),
    wantsRefreshToken: older !== null || words.includes("offline_access"),
  };
}

/** An audience that ends in a slash makes az ask for two of them. */
function resourceOf(scope: string): string {
  return /^(.*?)\/+(?:\.default|user_impersonation)$/.exec(scope)?.[1] ?? "";
}
