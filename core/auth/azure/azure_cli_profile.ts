/** Who is signed in to the Azure CLI, and where: from its own files, which are read only. */

import { join } from "node:path";
import { activeAzureCliCloud, type AzureCliCloud } from "./azure_cli_cloud.ts";
import { azureCliDirectory, readAzureCliFile } from "./azure_cli_files.ts";
import { isRecord } from "../../record.ts";
import { printable } from "../../secret.ts";
import type { CredentialSource } from "./credential.ts";

export interface AzureCliProfile {
  /** The CLI's configuration directory. */
  readonly directory: string;
  readonly user: {
    readonly name: string;
    /** An `identity` is a managed one, or Cloud Shell's user. */
    readonly kind: "user" | "service-principal" | "identity";
  };
  /** Of the default subscription. */
  readonly tenant: string;
  /** The default subscription's id; undefined where only a tenant was signed in to. */
  readonly subscription?: string;
}

/**
 * The account of the CLI's default subscription in its active cloud; why there is none, where nobody
 * has signed in, or not to this cloud: a real account must never reach an emulator.
 */
export async function readAzureCliProfile(
  source: CredentialSource,
): Promise<AzureCliProfile | { readonly absent: string }> {
  const directory = azureCliDirectory(source.platform);
  const profile = await readAzureCliJson(join(directory, "azureProfile.json"));
  if (profile === undefined) return { absent: "nobody is signed in to the Azure CLI" };
  const active = await activeAzureCliCloud(source.platform);
  if (!isSameCloud(source, active)) {
    return {
      absent: `the Azure CLI is signed in to ${printable(active.name, 60)}, ` +
        `not ${source.cloud.name}`,
    };
  }
  const all = isRecord(profile) && Array.isArray(profile["subscriptions"])
    ? profile["subscriptions"].filter(isRecord)
    : [];
  const own = all.filter(({ environmentName }) => environmentName === active.name);
  const chosen = own.find(({ isDefault }) => isDefault === true);
  if (!chosen) {
    return {
      absent: own.length === 0
        ? `nobody is signed in to ${printable(active.name, 60)} in the Azure CLI`
        : "the Azure CLI has no default subscription (run: az account set --subscription S)",
    };
  }
  const { id, tenantId, user } = chosen;
  const { name, type, assignedIdentityInfo, cloudShellID } = isRecord(user) ? user : {};
  if (typeof name !== "string" || typeof tenantId !== "string") {
    return { absent: "the Azure CLI's azureProfile.json cannot be read" };
  }
  const kind = assignedIdentityInfo || cloudShellID
    ? "identity"
    : type === "servicePrincipal"
    ? "service-principal"
    : "user";
  // `az login --allow-no-subscriptions` keeps the tenant in a subscription's place.
  const subscription = typeof id === "string" && id !== tenantId ? { subscription: id } : {};
  return { directory, user: { name, kind }, tenant: tenantId, ...subscription };
}

/** A JSON file of the CLI's, which may begin with a byte order mark; undefined where it is unfit. */
export async function readAzureCliJson(file: string): Promise<unknown> {
  const text = await readAzureCliFile(file);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Endpoints decide, where there are any: names are anybody's choice. */
function isSameCloud({ cloud }: CredentialSource, active: AzureCliCloud): boolean {
  const agrees = (given: string | undefined, own: string) =>
    given === undefined || URL.parse(given)?.origin === new URL(own).origin;
  if (!agrees(active.authority, cloud.authority)) return false;
  if (!agrees(active.resourceManager, cloud.resourceManager)) return false;
  return active.authority !== undefined || (cloud.builtIn === true && cloud.name === active.name);
}
