/** What the token endpoint gives out where `token_type` is `ssh-cert`. */

import { clientInfo } from "./client_info.ts";
import { type EntraRefusal, entraRefusal } from "./entra_refusal.ts";
import type { RequestedResource } from "./requested_resource.ts";
import type { SshCertificates } from "./ssh_certificates.ts";
import { VM_SIGN_IN } from "./token_audiences.ts";
import type { Grant } from "./token_grants.ts";

export function certificateResponse(
  form: URLSearchParams,
  { principal }: Grant,
  { audience, scope }: RequestedResource,
  certificates: SshCertificates,
  now: number,
): { readonly answer: Record<string, unknown> } | EntraRefusal {
  if (audience !== VM_SIGN_IN) {
    return entraRefusal(
      "invalid_request",
      `AADSTS90014: The resource ${audience} has no SSH certificates; ${VM_SIGN_IN} has.`,
    );
  }
  // The VM knows a user by the name that he signs in to Entra with, and an app by its id.
  const user = principal.kind === "user" ? principal.userPrincipalName : principal.clientId;
  const issued = certificates.issue(form, user, Math.floor(now / 1000));
  if (typeof issued !== "string") return issued;
  const answer = {
    token_type: "ssh-cert",
    expires_in: certificates.lifetime(),
    ext_expires_in: certificates.lifetime(),
    access_token: issued,
    scope,
    ...(principal.kind === "user" && form.has("client_info")
      ? { client_info: clientInfo(principal) }
      : {}),
  };
  return { answer };
}
