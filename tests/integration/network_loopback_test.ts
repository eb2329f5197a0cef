/** The local port: on both halves of `localhost`, or it is said on which. */

import assert from "node:assert/strict";
import { bastionCommand, startBastion } from "../helpers/bastion_process.ts";
import { assertEcho } from "../helpers/echo_check.ts";
import { withAzure } from "../helpers/emulated_azure.ts";
import { hasIpv6 } from "../helpers/has_ipv6.ts";
import { canUnshare, withoutIpv6 } from "../helpers/namespaces.ts";
import { needsThat } from "../helpers/needs.ts";

const DEMO_VM = "/subscriptions/0e0e0e0e-0000-4000-8000-000000000002/resourceGroups/demo-rg" +
  "/providers/Microsoft.Compute/virtualMachines/demo-vm";

needsThat(hasIpv6(), "IPv6 loopback address").test(
  "the local port answers on 127.0.0.1 and [::1]",
  () =>
    withAzure({ ports: { 7: "echo" } }, async (azure) => {
      const tunnel = await azure.openTunnel(7);
      assert.deepEqual((await tunnel.event("listening"))["addresses"], ["127.0.0.1", "::1"]);
      for (const address of ["127.0.0.1", "::1"]) await assertEcho(tunnel.port, address);
      assert.equal(azure.emulator.stats().webSocketsOpened, 2);
      const again = await azure.start(
        ["tunnel", "--json", ...azure.targetArgs(7), "--port", String(tunnel.port)],
      );
      assert.equal((await again.event("error"))["code"], "local-port-taken");
      assert.equal((await again.exit()).code, 12);
    }),
);

needsThat(canUnshare("net"), "network namespace of one's own").test(
  "the local port is 127.0.0.1 alone, and that is said, where there is no IPv6",
  async () => {
    const tunnel = [
      ...bastionCommand(),
      ...["tunnel", "--name", "demo-bastion", "--resource-group", "demo-rg"],
      ...["--target-resource-id", DEMO_VM, "--resource-port", "7", "--", "true"],
    ];
    // Emulator and tunnel in one network, which nothing else is in.
    await using process = await startBastion(["emulator", "exec", "--", ...tunnel], {
      by: withoutIpv6(),
    });
    assert.equal((await process.exit()).code, 0, process.stderr());
    assert.match(
      process.stderr(),
      /^Listening on 127\.0\.0\.1 only: this computer has no IPv6 loopback address\.$/m,
    );
  },
);
