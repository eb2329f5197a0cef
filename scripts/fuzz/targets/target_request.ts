import assert from "node:assert/strict";
import { noPrompt } from "../../../core/no_prompt.ts";
import { resolveTarget } from "../../../core/target/resolve.ts";
import { declaredCode, type FuzzTarget } from "../target.ts";

const VM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm";
const HOST = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/bastionHosts/hub";

/** Thrown where Azure would be asked: the words could be meant. */
const MEANT = new Error("meant");

/** Lines: resource id, IP address, bastion host, resource group, word; an empty one is left out. */
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
    "\n\n\n\napp/web1",
    "\n\nnet/hub\n\napp/set/3",
    `\n\n\n\n${VM}/`,
    "\n\n\n\n10.1.0.4",
  ],
  async run(input) {
    const [resourceId, ipAddress, bastionHost, resourceGroup, word] = new TextDecoder()
      .decode(input).split("\n");
    try {
      await resolveTarget({
        ...(resourceId ? { resourceId } : {}),
        ...(ipAddress ? { ipAddress } : {}),
        ...(resourceGroup ? { resourceGroup } : {}),
        ...(bastionHost ? { bastionHost } : {}),
        ...(word ? { word } : {}),
        port: 22,
      }, {
        http: { request: () => Promise.reject(MEANT), close() {} },
        prompt: noPrompt,
        aliases: new Map(),
        resolvers: [],
        env: () => undefined,
        inventory: () => Promise.reject(MEANT),
        lookups: () => Promise.reject(MEANT),
        defaultSubscription: () => Promise.reject(MEANT),
      });
    } catch (error) {
      if (error !== MEANT) {
        // What was given (in quotes, cut off, or an address) makes no kind of its own.
        const text = String(error).replace(/^.*["…]/s, "").replace(/\d[\d.]*/g, "");
        return `${declaredCode(error, "usage")}: ${text}`.slice(0, 80);
      }
      if (word) return "by word";
      if (ipAddress) assert.match(ipAddress, /^\d+\.\d+\.\d+\.\d+$/);
      return ipAddress ? "by address" : "by id";
    }
    return assert.fail("it went on without Azure");
  },
};
