import assert from "node:assert/strict";
import { resolveTarget } from "../../../core/target/resolve.ts";
import { declaredCode, type FuzzTarget } from "../target.ts";

const VM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm";
const HOST = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/bastionHosts/hub";

/** Thrown where Resource Manager would be asked: the words could be meant. */
const MEANT = new Error("meant");

/** Lines: resource id, IP address, bastion host, resource group; an empty one is left out. */
export const targetRequestTarget: FuzzTarget = {
  name: "target-request",
  maxLength: 1024,
  tokens: ["\n", "/subscriptions/", "10.1.0.4", "..", "0x7f.1", "::1", "256", "/", "hub", "\u00fc"],
  seeds: [
    `${VM}\n\nhub\nnet`,
    `\n10.1.0.4\n${HOST}\n`,
    `${VM}\n10.1.0.4\nhub\nnet`,
    "\n010.1.0.4\nhub\nnet",
    `${VM}\n\nhub\n`,
    `${VM}\n\n../hub\nnet`,
  ],
  async run(input) {
    const [resourceId, ipAddress, bastionHost = "", resourceGroup] = new TextDecoder()
      .decode(input).split("\n");
    try {
      await resolveTarget({
        ...(resourceId ? { resourceId } : {}),
        ...(ipAddress ? { ipAddress } : {}),
        ...(resourceGroup ? { resourceGroup } : {}),
        bastionHost,
        port: 22,
      }, {
        arm: () => Promise.reject(MEANT),
        http: { request: () => Promise.reject(MEANT), close() {} },
        env: () => undefined,
      });
    } catch (error) {
      if (error !== MEANT) {
        return `${declaredCode(error, "usage")}: ${String(error).replace(/"(?:[^"\\]|\\.)*"/, "")}`
          .slice(0, 80);
      }
      if (ipAddress) assert.match(ipAddress, /^\d+\.\d+\.\d+\.\d+$/);
      return ipAddress ? "by address" : "by id";
    }
    return assert.fail("it went on without Resource Manager");
  },
};
