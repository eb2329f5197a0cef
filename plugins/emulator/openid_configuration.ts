/** The document by which libraries find Entra's endpoints. */

export interface OpenidPlace {
  /** Base address of Entra. */
  readonly authority: string;
  /** The tenant's id, `common`, `organizations` or `adfs`, as the endpoints have it. */
  readonly segment: string;
  readonly issuer: string;
}

export function openidConfiguration({ authority, segment, issuer }: OpenidPlace) {
  const base = `${authority}/${segment}`;
  const isAdfs = segment === "adfs";
  const oauth = isAdfs ? `${base}/oauth2` : `${base}/oauth2/v2.0`;
  return {
    issuer,
    authorization_endpoint: `${oauth}/authorize`,
    token_endpoint: `${oauth}/token`,
    device_authorization_endpoint: `${oauth}/devicecode`,
    end_session_endpoint: `${oauth}/logout`,
    jwks_uri: isAdfs ? `${base}/discovery/keys` : `${base}/discovery/v2.0/keys`,
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
    response_types_supported: ["code"],
    response_modes_supported: ["query", "fragment", "form_post"],
    grant_types_supported: [
      "authorization_code",
      "refresh_token",
      "client_credentials",
      "password",
      "urn:ietf:params:oauth:grant-type:device_code",
    ],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
    code_challenge_methods_supported: ["S256"],
    scopes_supported: ["openid", "profile", "email", "offline_access"],
    claims_supported: ["sub", "iss", "aud", "exp", "iat", "tid", "oid", "preferred_username"],
  };
}
