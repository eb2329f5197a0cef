/**
 * How an Azure access token is had. One provider a file; the chain asks them in order, and tells
 * *absent* (go on to the next) from *broken* (stop and say so).
 */

import type { Cloud } from "../../azure/cloud.ts";
import type { Clock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import type { HttpClient } from "../../net/http_client.ts";
import type { Platform } from "../../platform.ts";
import type { Secret } from "../../secret.ts";

export interface AccessToken {
  readonly token: Secret;
  /** Milliseconds since 1970. */
  readonly expiresOn: number;
}

/** How a token is asked for. */
export interface TokenOptions {
  readonly signal?: AbortSignal;
  /** A new one, although the old one has not ended: a service has just refused it. */
  readonly fresh?: boolean;
  /** The tenant that must have issued it; the credential's own where it is left out. */
  readonly tenant?: string;
  /**
   * Parameters of the token request for tokens of another kind, which are never kept. A credential
   * that makes no such request gives a token as any other.
   */
  readonly form?: Readonly<Record<string, string>>;
}

export interface AzureCredential {
  /** What the user is told was used, as `environment (service principal 0f3c…)`. */
  readonly name: string;
  /**
   * Who it is and how it is had, without secrets: tokens are kept under it between runs. Where it is
   * left out they are kept in memory alone.
   */
  readonly cacheKey?: string;
  /** The tenant that the credential belongs to, where it is known: an id, or a domain. */
  readonly tenant?: string;
  /** Id of the user's default subscription, where the tool that signed in has one. */
  readonly subscription?: string;
  /**
   * A token for `scope` that is valid for some minutes yet.
   * @throws BastionError `credential-…` and network errors
   */
  getToken(scope: string, options?: TokenOptions): Promise<AccessToken>;
}

/** What a provider may look at. */
export interface CredentialSource {
  readonly cloud: Cloud;
  readonly http: HttpClient;
  readonly log: Logger;
  readonly clock: Clock;
  readonly platform: Platform;
  /** A command line whose output is a token (`--token-command`). */
  readonly tokenCommand?: string;
  /** Whether nothing may be kept on disk (`--no-cache`). */
  readonly memoryOnly: boolean;
  /** The Azure CLI's own cache is not looked at (`--no-az-cache`). */
  readonly leaveAzCache?: boolean;
  env(name: string): string | undefined;
}

export interface CredentialProvider {
  readonly name: string;
  /** A credential; or why there is none, for the list that the user sees when none is left. */
  create(source: CredentialSource): Promise<AzureCredential | { readonly absent: string }>;
}
