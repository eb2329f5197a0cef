/**
 * How an Azure access token is had. One provider a file; the chain asks them in order, and tells
 * *absent* (go on to the next) from *broken* (stop and say so).
 */

import type { Cloud } from "../../azure/cloud.ts";
import type { Logger } from "../../logger.ts";
import type { HttpClient } from "../../net/http_client.ts";
import type { Secret } from "../../secret.ts";

export interface AccessToken {
  readonly token: Secret;
  /** Milliseconds since 1970. */
  readonly expiresOn: number;
}

export interface AzureCredential {
  /** What the user is told was used, as `environment (service principal 0f3c…)`. */
  readonly name: string;
  /**
   * A token for `scope` that is valid for some minutes yet. `fresh` asks for a new one although
   * the old one has not ended (a service has just refused it).
   * @throws BastionError `credential-refused` and network errors
   */
  getToken(
    scope: string,
    options?: { readonly signal?: AbortSignal; readonly fresh?: boolean },
  ): Promise<AccessToken>;
}

/** What a provider may look at. */
export interface CredentialSource {
  readonly cloud: Cloud;
  readonly http: HttpClient;
  readonly log: Logger;
  env(name: string): string | undefined;
}

export interface CredentialProvider {
  readonly name: string;
  /** A credential; or why there is none, for the list that the user sees when none is left. */
  create(source: CredentialSource): Promise<AzureCredential | { readonly absent: string }>;
}
