/** The clouds that are known: Microsoft's. No host name of Azure's is written anywhere else. */

import { bastionError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { printable } from "../secret.ts";
import type { Cloud } from "./cloud.ts";

export const publicCloud: Cloud = {
  name: "AzureCloud",
  builtIn: true,
  resourceManager: "https://management.azure.com",
  authority: "https://login.microsoftonline.com",
  authorityAliases: ["login.windows.net", "login.microsoft.com", "sts.windows.net"],
  audience: "https://management.azure.com",
  audienceAliases: ["https://management.core.windows.net/"],
  sshCertificateScope: "https://pas.windows.net/CheckMyAccess/Linux/.default",
  portal: "https://portal.azure.com",
  dataPodSuffix: "bastionglobal.azure.com",
};

/** The Developer SKU is not offered in the national clouds: they have no data pods. */
export const builtInClouds: readonly Cloud[] = [
  publicCloud,
  {
    name: "AzureUSGovernment",
    builtIn: true,
    resourceManager: "https://management.usgovcloudapi.net",
    authority: "https://login.microsoftonline.us",
    authorityAliases: ["login-us.microsoftonline.com"],
    audience: "https://management.usgovcloudapi.net",
    audienceAliases: ["https://management.core.usgovcloudapi.net/"],
    sshCertificateScope: "https://pasff.usgovcloudapi.net/CheckMyAccess/Linux/.default",
    portal: "https://portal.azure.us",
  },
  {
    name: "AzureChinaCloud",
    builtIn: true,
    resourceManager: "https://management.chinacloudapi.cn",
    authority: "https://login.chinacloudapi.cn",
    authorityAliases: ["login.partner.microsoftonline.cn"],
    audience: "https://management.chinacloudapi.cn",
    audienceAliases: ["https://management.core.chinacloudapi.cn/"],
    sshCertificateScope: "https://pas.chinacloudapi.cn/CheckMyAccess/Linux/.default",
    portal: "https://portal.azure.cn",
  },
];

/** What users of other tools call them, in lower case. */
const ALIASES: Readonly<Record<string, string>> = {
  "public": "AzureCloud",
  "azurepublic": "AzureCloud",
  "azurepubliccloud": "AzureCloud",
  "usgov": "AzureUSGovernment",
  "usgovernment": "AzureUSGovernment",
  "azureusgov": "AzureUSGovernment",
  "azureusgovernmentcloud": "AzureUSGovernment",
  "china": "AzureChinaCloud",
  "azurechina": "AzureChinaCloud",
};

/**
 * The cloud of that name, in any case: one of `custom` (which may not take a built-in's name), a
 * built-in, or a built-in by an alias.
 * @throws BastionError `cloud-unknown`
 */
export function findCloud(name: string, custom: readonly Cloud[] = []): Cloud {
  const wanted = name.trim().toLowerCase();
  const all = [...builtInClouds, ...custom];
  const canonical = (Object.hasOwn(ALIASES, wanted) ? ALIASES[wanted] : undefined)?.toLowerCase();
  const named = (what: string | undefined) => all.find((one) => one.name.toLowerCase() === what);
  const found = named(wanted) ?? named(canonical);
  if (found) return found;
  const names = all.map((one) => one.name);
  const [near] = nearest(wanted, [...names, ...Object.keys(ALIASES)]);
  throw bastionError("cloud-unknown", {
    cloud: printable(name, 60),
    remedy: near === undefined ? `Known are ${names.join(", ")}.` : `Did you mean ${near}?`,
  });
}
