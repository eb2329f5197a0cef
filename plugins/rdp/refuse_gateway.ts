/** What only Azure Bastion's RDP gateway can do is told before anything is asked of Azure. */

import type { Invocation, PluginContext } from "../../core/mod.ts";

/** @throws BastionError `rdp/entra-…` */
export function refuseGateway(
  { options, target }: Pick<Invocation, "options" | "target">,
  { error }: Pick<PluginContext, "error">,
): void {
  const flag = options["auth-type"] === "aad"
    ? "--auth-type aad"
    : options["enable-mfa"] === true
    ? "--enable-mfa"
    : undefined;
  if (flag === undefined) return;
  const byAddress = target?.ipAddress !== undefined || /^\d+(\.\d+){3}$/.test(target?.word ?? "");
  if (byAddress) throw error("rdp/entra-by-address", { flag });
  const why = options["disable-gateway"] === true
    ? "--disable-gateway switches off"
    : "bastion does not use";
  throw error("rdp/entra-needs-gateway", { flag, why });
}
