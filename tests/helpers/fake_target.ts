import type { BastionHost } from "../../core/azure/bastion_host.ts";
import type { Target } from "../../core/target/target.ts";
import { fakeHost } from "./fake_inventory.ts";

/** Port 22 of the VM `app/web1`, through the host `hub` as far as `host` does not change it. */
export function fakeTarget(host: Partial<BastionHost> = {}): Target {
  return {
    notes: [],
    label: "app/web1:22",
    resourceId:
      "/subscriptions/s/resourceGroups/app/providers/Microsoft.Compute/virtualMachines/web1",
    port: 22,
    bastionHost: fakeHost(host.name ?? "hub", { subscription: "s", ...host }),
  };
}
