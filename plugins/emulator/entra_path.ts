/** Which of Entra's endpoints an address is; v2.0's, the older ones', and those of ADFS. */
export interface EntraPath {
  /** The tenant, as the address has it. */
  readonly segment: string;
  readonly endpoint: EntraEndpoint;
}

export type EntraEndpoint =
  | "configuration"
  | "keys"
  | "token"
  | "authorize"
  | "devicecode"
  | "instance"
  | "userrealm";

const ROUTES: readonly (readonly [RegExp, EntraEndpoint])[] = [
  [/^\/([^/]+)\/discovery\/instance$/, "instance"],
  [/^\/([^/]+)(?:\/v2\.0)?\/\.well-known\/openid-configuration$/, "configuration"],
  // AD FS has no tenants, but the Azure CLI looks for the one that its user names beneath it.
  [/^\/(adfs)\/[^/]+\/\.well-known\/openid-configuration$/, "configuration"],
  [/^\/([^/]+)\/discovery\/(?:v2\.0\/)?keys$/, "keys"],
  [/^\/([^/]+)\/oauth2\/(?:v2\.0\/)?token\/?$/, "token"],
  [/^\/([^/]+)\/oauth2\/(?:v2\.0\/)?authorize\/?$/, "authorize"],
  [/^\/([^/]+)\/oauth2\/(?:v2\.0\/)?devicecode\/?$/, "devicecode"],
  [/^\/([^/]+)\/userrealm\/[^/]+$/i, "userrealm"],
];

/** Undefined where it is none of Entra's. */
export function parseEntraPath(path: string): EntraPath | undefined {
  for (const [pattern, endpoint] of ROUTES) {
    const segment = pattern.exec(path)?.[1];
    if (segment !== undefined) return { segment, endpoint };
  }
  return undefined;
}
