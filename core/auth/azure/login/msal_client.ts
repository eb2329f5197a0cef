/** MSAL for one application in one cloud, over our network and with our file as its cache. */

import type { ICachePlugin, PublicClientApplication } from "@azure/msal-node";
import type { Cloud } from "../../../azure/cloud.ts";
import type { HttpClient } from "../../../net/http_client.ts";
import { type Exchange, msalNetwork } from "./msal_network.ts";

export interface MsalClientOptions {
  readonly cloud: Cloud;
  readonly http: HttpClient;
  readonly clientId: string;
  readonly cachePlugin: ICachePlugin;
  /** Filled with how the last exchange ended. */
  readonly last: Exchange;
  readonly signal?: AbortSignal;
}

/** The application that the Azure CLI signs its users in to; every tenant knows it. */
export const AZURE_CLI_CLIENT_ID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

export async function createMsalClient(
  options: MsalClientOptions,
): Promise<PublicClientApplication> {
  const { cloud, http, clientId, cachePlugin, last, signal } = options;
  // Heavy: loaded when somebody signs in or a token is needed.
  const { PublicClientApplication } = await import("@azure/msal-node");
  return new PublicClientApplication({
    auth: {
      clientId,
      authority: authorityOf(cloud),
      // Where it is one of these, MSAL does not ask the public cloud whether it may be trusted.
      knownAuthorities: [new URL(cloud.authority).host],
    },
    cache: { cachePlugin },
    system: {
      networkClient: msalNetwork(http, last, signal),
      // What it would log has users' names in it.
      loggerOptions: { loggerCallback: () => {}, piiLoggingEnabled: false },
    },
  });
}

/** The address that a tenant's users sign in at; that of work accounts where there is no tenant. */
export function authorityOf({ authority }: Cloud, tenant = "organizations"): string {
  // AD FS, as Azure Stack has it, knows one tenant and puts none into its addresses.
  return /\/adfs$/i.test(authority) ? authority : `${authority}/${tenant}`;
}
