/**
 * The way to Azure, each part made when it is first asked for: cloud, trust store and proxy,
 * credential, Resource Manager, and what is known of it.
 */

import type { Accounts } from "./auth/azure/accounts.ts";
import { activeAzureCliCloud } from "./auth/azure/azure_cli_cloud.ts";
import { builtInCredentials } from "./auth/azure/built_in_credentials.ts";
import { chooseCredential } from "./auth/azure/chain.ts";
import type {
  AzureCredential,
  CredentialProvider,
  CredentialSource,
} from "./auth/azure/credential.ts";
import type { ArmClient } from "./azure/arm_client.ts";
import type { Cloud } from "./azure/cloud.ts";
import { builtInClouds, findCloud, publicCloud } from "./azure/clouds.ts";
import { loadCloud } from "./azure/load_cloud.ts";
import type { Inventory } from "./azure/inventory.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import { createDialer, type Dialer } from "./net/dial.ts";
import { createHttpClient, type HttpClient } from "./net/http_client.ts";
import { proxyFromEnvironment } from "./net/proxy.ts";
import { loadTrust, type Trust } from "./net/trust.ts";
import { type Once, once } from "./once.ts";
import type { Platform } from "./platform.ts";
import type { Settings } from "./settings.ts";
import type { LookupCache } from "./target/lookup_cache.ts";

export interface AzureParts {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly log: Logger;
  /** The user's directory. */
  readonly cwd: string;
  /** As they are when a part is first asked for. */
  settings(): Settings;
  /** Every credential provider, the plugins' too. */
  providers(): Iterable<CredentialProvider>;
}

export interface Net {
  readonly dial: Dialer;
  readonly http: HttpClient;
  readonly trust: Trust;
}

export interface AzureDoors {
  readonly cloud: Once<Cloud>;
  readonly net: Once<Net>;
  readonly http: HttpClient;
  readonly credential: Once<AzureCredential>;
  readonly accounts: Once<Accounts>;
  readonly arm: Once<ArmClient>;
  readonly inventory: Once<Inventory>;
  readonly lookups: Once<LookupCache>;
}

export function createAzureDoors(parts: AzureParts): AzureDoors {
  const { platform, clock, log, cwd } = parts;

  const cloud = once(async (): Promise<Cloud> => {
    const file = platform.env("BASTION_CLOUD_FILE");
    const settings = parts.settings();
    const chosen = settings.cloud !== undefined
      ? findCloud(settings.cloud, settings.clouds)
      : file
      ? await loadCloud(absolute(file, cwd))
      : await cloudOfAzureCli();
    if (!chosen.builtIn) {
      // Whoever set it up gets the user's tokens.
      log.warning(`the cloud is ${chosen.name}, which is none of Microsoft's`, {
        authority: chosen.authority,
      });
    }
    return chosen;
  });

  /** Without a word of the user's, the cloud that az is set to. */
  async function cloudOfAzureCli(): Promise<Cloud> {
    const { name } = await activeAzureCliCloud(platform);
    return builtInClouds.find((one) => one.name === name) ?? publicCloud;
  }

  const net = once(async (): Promise<Net> => {
    const { name, caFile } = await cloud();
    const given = parts.settings().caFile;
    const trust = await loadTrust([
      ...(given ? [{ source: "--ca-file", file: given }] : []),
      ...(caFile ? [{ source: `the cloud ${name}`, file: caFile }] : []),
    ], platform.env);
    const proxyFor = proxyFromEnvironment(platform.env);
    log.debug("trust", { sources: trust.sources });
    return { dial: createDialer(trust, proxyFor), http: createHttpClient(trust, proxyFor), trust };
  });

  const http: HttpClient = {
    request: async (request) => (await net()).http.request(request),
    close: () => {},
  };

  const credentialSource = async (): Promise<CredentialSource> => {
    const { memoryOnly = false, leaveAzCache = false, tokenCommand } = parts.settings();
    return {
      cloud: await cloud(),
      http,
      log,
      clock,
      platform,
      memoryOnly,
      leaveAzCache,
      ...(tokenCommand === undefined ? {} : { tokenCommand }),
      env: platform.env,
    };
  };

  const credential = once(async (): Promise<AzureCredential> => {
    const name = parts.settings().credential;
    // A plugin's credential counts where the user names it.
    const providers = name === undefined ? builtInCredentials : parts.providers();
    return await chooseCredential(providers, await credentialSource(), clock, name);
  });

  const accounts = once(async (): Promise<Accounts> => {
    const { createAccounts } = await import("./auth/azure/login/create_accounts.ts");
    return createAccounts({ source: await credentialSource(), credential });
  });

  const arm = once(async (): Promise<ArmClient> => {
    const { createArmClient } = await import("./azure/arm_client.ts");
    return createArmClient(await cloud(), await credential(), http, log);
  });

  const inventory = once(async () => {
    const { createInventory } = await import("./azure/create_inventory.ts");
    return createInventory(await arm(), clock, log, lookups);
  });

  const lookups = once(async (): Promise<LookupCache> => {
    const { createLookupCache } = await import("./target/lookup_cache.ts");
    const { name, resourceManager, authority, caFile } = await cloud();
    const { cacheKey, tenant } = await credential();
    return createLookupCache({
      ...(parts.settings().memoryOnly || cacheKey === undefined
        ? {}
        : { path: `${platform.stateDirectory}/lookups.json` }),
      // Clouds of one name may be different ones; and what is found says of its tenant only where it
      // is not the credential's own.
      identity: JSON.stringify([
        ...[name, resourceManager, authority, caFile ?? ""],
        ...[cacheKey ?? "", tenant ?? ""],
      ]),
      platform,
      clock,
      log,
      refresh: parts.settings().refresh ?? false,
    });
  });

  return { cloud, net, http, credential, accounts, arm, inventory, lookups };
}

function absolute(path: string, cwd: string): string {
  return /^([\\/]|[a-z]:[\\/])/i.test(path) ? path : `${cwd}/${path}`;
}
