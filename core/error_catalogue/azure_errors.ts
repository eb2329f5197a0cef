/** What can go wrong with Azure: credentials, resources, and whether they are fit. */

import type { ErrorCatalogue } from "../error_catalogue.ts";

export const azureErrors = {
  // Azure credential
  "credential-missing": {
    exit: "credential",
    message: "No Azure credential was found: {tried}.",
    hint:
      "Run: bastion login. In a job, set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a service principal.",
  },
  "credential-refused": {
    exit: "credential",
    message: "Microsoft Entra refused the credential ({credential}): {reason}",
    hint: "Check tenant, client id and secret or certificate; a secret may have expired.",
  },
  "credential-absent": {
    exit: "credential",
    message: "The Azure credential {credential} was asked for, and is not there: {reason}.",
    hint: "Set it up, or leave --credential out, and the others are tried too.",
  },
  "credential-broken": {
    exit: "credential",
    message: "The Azure credential {credential} cannot be used: {problem}.",
    hint: "{remedy}",
  },
  "credential-interaction": {
    exit: "credential",
    message: "Microsoft Entra wants {credential} to sign in anew: {reason}",
    hint: "Run: {command}",
  },
  "login-file-invalid": {
    exit: "configuration",
    message: "{path} is not what bastion login has written.",
    hint: "Remove it and run bastion login again.",
  },
  "login-timeout": {
    exit: "credential",
    message: "Nobody has signed in within {minutes} min.",
    hint: "Run bastion login again; with --device-code another computer's browser will do.",
  },
  "credential-rejected": {
    exit: "credential",
    message: "{service} does not accept the access token (HTTP 401{detail}).",
    hint:
      "The credential may be of another tenant than the bastion host's subscription, or this computer's clock may be wrong.",
  },

  "token-expired": {
    exit: "credential",
    message: "The access token of {credential} has ended already, at {until} UTC.",
    hint: "Sign in anew. If that does not help, this computer's clock may be wrong.",
  },
  "tenant-mismatch": {
    exit: "credential",
    message:
      "The access token is of tenant {own}, and subscription {subscription} belongs to tenant {tenant}, of which the credential gives none.",
    hint: "Sign in there: bastion login --tenant {tenant}, or az login --tenant {tenant}.",
  },
  "clock-wrong": {
    exit: "configuration",
    message: "This computer's clock is {minutes} min {way} Azure's.",
    hint:
      "Tokens and certificates are judged by it. Have it set by the network: w32tm /resync (Windows), sntp -sS pool.ntp.org (macOS), timedatectl set-ntp true (Linux).",
  },

  // Azure Resource Manager
  "subscription-missing": {
    exit: "usage",
    message: "It is not clear which subscription is meant: {found}.",
    hint: "Give --subscription (a name or an id), or set AZURE_SUBSCRIPTION_ID.",
  },
  "subscription-none": {
    exit: "forbidden",
    message: "The credential sees no subscription.",
    hint:
      "It needs a role, Reader at least, where bastion host and VM are; or it is of another tenant: bastion login --tenant TENANT.",
  },
  "subscription-not-found": {
    exit: "not-found",
    message: "There is no subscription {subscription} that this credential may see.",
    hint: "Check the spelling, and that the credential has a role in that subscription.",
  },
  "host-not-found": {
    exit: "not-found",
    message: "There is no bastion host {host} in subscription {subscription}.",
    hint: "Check --name, --resource-group and --subscription; the host may be in another one.",
  },
  "arm-forbidden": {
    exit: "forbidden",
    message: "Azure does not let this credential read {resource} (HTTP 403{detail}).",
    hint:
      "It needs the Reader role on the bastion host, the VM, its network interface and its VNet.",
  },
  "role-missing": {
    exit: "forbidden",
    message: "Azure does not let this credential read {what} (HTTP 403{detail}).",
    hint: "The Reader role is needed on it. Whoever manages roles there runs: {command}",
  },
  "resource-missing": {
    exit: "not-found",
    message: "There is no {what}.",
    hint: "It may have been deleted: {id}",
  },
  "arm-throttled": {
    exit: "network",
    message: "Azure Resource Manager asks to slow down ({resource}; HTTP 429{detail}).",
    hint: "Too much was asked of it with this credential. Wait some minutes, then try again.",
  },
  "arm-refused": {
    exit: "network",
    message: "Azure Resource Manager refused the request for {resource} (HTTP {status}{detail}).",
    hint: "Check names and ids; give the correlation id to Azure support if it persists.",
  },
  "arm-failed": {
    exit: "network",
    message: "Azure Resource Manager could not answer for {resource}: {problem}",
    hint: "Try again in a moment; give the correlation id to Azure support if it persists.",
  },
  "arm-unreadable": {
    exit: "network",
    message: "Azure Resource Manager's answer for {resource} cannot be used: {problem}.",
    hint: "A proxy or portal may have answered in its place; see --debug.",
  },

  // Targets and the bastion host that leads there
  "target-not-found": {
    exit: "not-found",
    message: "There is no target {target}: {tried}.",
    hint: "{remedy}",
  },
  "target-ambiguous": {
    exit: "not-found",
    message: "The name {target} fits several targets: {candidates}.",
    hint: "Give GROUP/NAME, with --subscription where that is not enough, or the resource id.",
  },
  "host-ambiguous": {
    exit: "not-found",
    message: "The name {host} fits several bastion hosts: {candidates}.",
    hint:
      "Give --bastion GROUP/NAME, with --subscription where that is not enough, or its full id.",
  },
  "host-unknown": {
    exit: "not-found",
    message: "There is no bastion host {host} in {where}.",
    hint: "{remedy}",
  },
  "host-not-told": {
    exit: "not-found",
    message: "Which bastion host leads to {target} cannot be told: {why}.",
    hint: "Name it: --bastion [GROUP/]NAME, or az's --name and --resource-group.",
  },
  "host-none-reaches": {
    exit: "not-found",
    message: "No bastion host that reaches {target} was found: {why}.",
    hint:
      "If you know better, name one: --bastion [GROUP/]NAME. A host is needed in the VM's VNet, or in one that is peered with it.",
  },

  // Fitness of host and target
  "host-sku": {
    exit: "unfit",
    message: "Bastion host {host} has the SKU {sku}, which bastion cannot connect through.",
    hint: "Native clients need Standard or Premium (or the free Developer): upgrade the host.",
  },
  "host-sku-limit": {
    exit: "unfit",
    message: "Bastion host {host} has the SKU {sku}, which cannot {what}.",
    hint: "{remedy}",
  },
  "host-tunneling-off": {
    exit: "unfit",
    message: "Native client support is switched off on bastion host {host}.",
    hint:
      "Switch it on: az network bastion update --name NAME --resource-group GROUP --enable-tunneling true",
  },
  "host-ip-connect-off": {
    exit: "unfit",
    message: "Connecting by IP address is switched off on bastion host {host}.",
    hint:
      "Switch it on: az network bastion update --name NAME --resource-group GROUP --enable-ip-connect true; or use --target-resource-id.",
  },
  "host-ip-connect-port": {
    exit: "unfit",
    message: "Port {port} cannot be reached by IP address: IP connect knows only 22 and 3389.",
    hint: "Use --target-resource-id for other ports, or forward through SSH (ssh -L) on port 22.",
  },
  "vm-not-found": {
    exit: "not-found",
    message: "There is no VM {vm} in subscription {subscription}.",
    hint:
      "Check the spelling, the resource group and the subscription: bastion targets lists the VMs.",
  },
  "vm-forbidden": {
    exit: "forbidden",
    message: "Azure does not let this credential read the VM {vm} (HTTP 403{detail}).",
    hint: "It needs the Reader role on {id}, on its network interface and on its VNet.",
  },
  "vm-stopped": {
    exit: "unfit",
    message: "The VM {vm} is not running (it is {power}).",
    hint: "Start it: {command}",
  },
  "host-provisioning": {
    exit: "unfit",
    message: "Bastion host {host} is not ready (its provisioning state is {state}).",
    hint: "Wait until it says Succeeded, or look at the host in the portal.",
  },
  "host-address-invalid": {
    exit: "unfit",
    message: "Azure gave no usable address for bastion host {host} ({problem}).",
    hint: "No token is sent to such an address. Look at the host's dnsName in the portal.",
  },
} as const satisfies ErrorCatalogue;
