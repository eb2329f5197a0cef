/** What `bastion list` does. */

import type { BastionHost, CommandHandler } from "../../core/mod.ts";
import { readScope, subscriptionColumn } from "./scope.ts";
import { tableLines } from "./table.ts";
import { terminalWidth } from "./terminal_width.ts";

export const run: CommandHandler = async ({ options }, ctx) => {
  const inventory = await ctx.inventory();
  const scope = await readScope(options, inventory, ctx);
  const found = await inventory.bastionHosts(scope.subscriptions, ctx.signal);
  const hosts = found.filter(scope.includes);
  ctx.out.result({
    bastionHosts: hosts.map((host) => ({
      id: host.id,
      name: host.name,
      resourceGroup: host.resourceGroup,
      subscription: host.subscription,
      sku: host.sku,
      nativeClient: hasNativeClient(host),
      ipConnect: hasIpConnect(host),
      network: host.network ?? null,
      dnsName: host.endpoint,
      provisioningState: host.provisioningState,
    })),
  });
  if (hosts.length === 0) {
    ctx.out.notice("There is no bastion host that this credential may see.");
    return;
  }
  const subscription = subscriptionColumn(hosts, scope);
  const rows = hosts.map((host) => [
    `${host.resourceGroup}/${host.name}`,
    host.sku,
    hasNativeClient(host) ? "yes" : "no",
    hasIpConnect(host) ? "yes" : "no",
    host.network?.split("/").at(-1) ?? "",
    host.provisioningState,
    ...(subscription ? [subscription(host)] : []),
  ]);
  const headings = ["HOST", "SKU", "NATIVE CLIENT", "IP CONNECT", "VNET", "STATE"];
  if (subscription) headings.push("SUBSCRIPTION");
  for (const line of tableLines(headings, rows, terminalWidth())) ctx.out.line(line);
};

/** Whether programs of the user's get through: that is what the whole of bastion needs. */
function hasNativeClient({ sku, enableTunneling }: BastionHost): boolean {
  return isStandard(sku) ? enableTunneling : sku.toLowerCase() === "developer";
}

function hasIpConnect({ sku, enableIpConnect }: BastionHost): boolean {
  return isStandard(sku) && enableIpConnect;
}

function isStandard(sku: string): boolean {
  return ["standard", "premium"].includes(sku.toLowerCase());
}
