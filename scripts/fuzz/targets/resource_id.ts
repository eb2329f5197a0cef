import assert from "node:assert/strict";
import { parseResourceId } from "../../../core/azure/resource_id.ts";
import type { FuzzTarget } from "../target.ts";

const VM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm";

export const resourceIdTarget: FuzzTarget = {
  name: "resource-id",
  maxLength: 1024,
  tokens: [
    "/subscriptions/",
    "/resourceGroups/",
    "/providers/",
    "Microsoft.Compute/virtualMachineScaleSets/",
    "/virtualMachines/",
    "..",
    "/./",
    "%2e",
    "%2F",
    "\\",
    "?",
    "#",
    "@",
    "\u202e",
    "\u0085",
    "\ufeff",
  ],
  seeds: [
    VM,
    `${VM}/`,
    ` ${VM.toUpperCase()} `,
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/s/virtualMachines/0",
    VM.replace("vm", ".."),
    VM.replace("vm", "a b"),
    "vm",
  ],
  run(input) {
    const text = new TextDecoder().decode(input);
    const id = parseResourceId(text);
    if (id === undefined) return "none";
    assert.deepEqual(parseResourceId(id.id), id, "an id is read as itself");
    assert.ok(text.includes(id.id));
    assert.ok(id.names.length > 0 && id.names.every((name) => name !== ""));
    // Resource Manager is asked for it by this path: as many steps as were written, none lost.
    const url = new URL(`https://arm.example${id.id}`);
    assert.equal(url.host, "arm.example");
    assert.equal(url.search + url.hash, "");
    assert.equal(url.pathname.split("/").length, id.id.split("/").length, url.pathname);
    return `${Math.min(id.names.length, 4)} names`;
  },
};
