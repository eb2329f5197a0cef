import assert from "node:assert/strict";
import { parseResourceId } from "./resource_id.ts";

const GROUP = "/subscriptions/s-1/resourceGroups/app";
const VM = `${GROUP}/providers/Microsoft.Compute/virtualMachines/web1`;

Deno.test("parseResourceId: the parts", () => {
  const scaleSet = `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets/set`;
  const cases: [text: string, type: string, names: string[], id: string][] = [
    [VM, "Microsoft.Compute/virtualMachines", ["web1"], VM],
    [`  ${VM}//\n`, "Microsoft.Compute/virtualMachines", ["web1"], VM],
    [
      `${scaleSet}/virtualMachines/0`,
      "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
      ["set", "0"],
      `${scaleSet}/virtualMachines/0`,
    ],
    [
      `${GROUP}/providers/Microsoft.ContainerService/managedClusters/k-8_s.(1)ä`,
      "Microsoft.ContainerService/managedClusters",
      ["k-8_s.(1)ä"],
      `${GROUP}/providers/Microsoft.ContainerService/managedClusters/k-8_s.(1)ä`,
    ],
  ];
  for (const [text, type, names, id] of cases) {
    assert.deepEqual(parseResourceId(text), {
      subscription: "s-1",
      resourceGroup: "app",
      type,
      names,
      id,
    });
  }
  const upper = parseResourceId(VM.toUpperCase());
  assert.deepEqual([upper?.subscription, upper?.resourceGroup], ["S-1", "APP"]);
});

Deno.test("parseResourceId: what is no such id", () => {
  const cases = [
    "",
    "web1",
    VM.slice(1),
    `https://portal.example${VM}`,
    GROUP,
    `${GROUP}/providers/Microsoft.Compute`,
    `${GROUP}/providers/Microsoft.Compute/virtualMachines`,
    `${VM}/extensions`,
    VM.replace("app", ""),
    VM.replace("web1", "we b1"),
    VM.replace("web1", "web1?x=1"),
    VM.replace("web1", "web1#x"),
    VM.replace("web1", "web%2F1"),
    VM.replace("web1", "web\u00001"),
    VM.replace("web1", ".."),
    VM.replace("web1", "web1\\..\\..\\db1"),
    VM.replace("app", "."),
    VM.replace("web1", "x".repeat(261)),
  ];
  for (const text of cases) assert.equal(parseResourceId(text), undefined, text);
});
