import assert from "node:assert/strict";
import { BastionError } from "../../../core/errors.ts";
import { errors, type MakeError } from "../../../plugins/emulator/errors.ts";
import { parseWorld } from "../../../plugins/emulator/load_world.ts";
import { declaredCode, type FuzzTarget } from "../target.ts";

const makeError: MakeError = (code, params = {}, cause) =>
  new BastionError(code, errors["config-invalid"], params, cause);

/** The emulator's YAML file. */
export const emulatorWorldTarget: FuzzTarget = {
  name: "emulator-world",
  maxLength: 1024,
  tokens: [
    "\n  - ",
    ": ",
    "{ ",
    " }",
    "[",
    "]",
    "&a ",
    "*a",
    "!!binary ",
    "!!map ",
    "? ",
    "<<: ",
    "---\n",
    "%YAML 1.1\n",
    "__proto__: ",
    "bastionHosts:",
    "virtualMachines:",
    "faults:",
    "ports: { 22: ssh }",
    "at: stream, kind: fin",
    "at: token, kind: status, status: 503",
    "null",
    "1e400",
    "0x10",
  ],
  seeds: [
    "bastionHosts:\n  - { name: hub, resourceGroup: net, sku: Standard, enableTunneling: true }\n",
    "virtualMachines:\n  - { name: web1, resourceGroup: app, privateIp: 10.1.0.4, ports: { 22: ssh } }\n",
    "faults:\n  - { at: stream, kind: close, code: 1011, afterBytes: 5, direction: up }\n",
    "faults:\n  - { at: token, kind: status, status: 503, connection: [1, 2], probability: 0.5 }\nseed: 7\n",
    "subscriptions: &s\n  - { id: 0e0e0e0e-0000-4000-8000-000000000002, name: E }\nservicePrincipals: []\n",
    "seed: !!int 3\n? [a]\n: b\n",
    "",
  ],
  run(input) {
    try {
      const world = parseWorld(new TextDecoder().decode(input), "hub.yaml", makeError);
      assert.ok(world.subscriptions.length > 0);
      return `world, ${world.bastionHosts.length > 0} ${world.faults.length > 0}`;
    } catch (error) {
      return `${declaredCode(error, "emulator/config-invalid")}`;
    }
  },
};
