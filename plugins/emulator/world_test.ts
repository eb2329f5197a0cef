import assert from "node:assert/strict";
import { demoWorld } from "./demo_world.ts";
import { makePlainError } from "./errors.ts";
import { checkWorld } from "./load_world.ts";
import { createWorld, findVirtualMachine } from "./world.ts";

const world = createWorld(checkWorld(demoWorld, makePlainError));
const id = world.virtualMachines[0]?.id ?? "";

Deno.test("a VM is found by its id, whatever the case, with a slash at the end or not", () => {
  assert.match(id, /^\/subscriptions\/.*\/virtualMachines\/demo-vm$/);
  for (const spelling of [id, id.toUpperCase(), `${id}/`]) {
    assert.equal(findVirtualMachine(world, spelling)?.name, "demo-vm", spelling);
  }
});

Deno.test("any type of resource of that name and group leads to the VM", () => {
  const cluster = id.replace(
    "Microsoft.Compute/virtualMachines",
    "Microsoft.ContainerService/managedClusters",
  );
  assert.equal(findVirtualMachine(world, cluster)?.name, "demo-vm");
});

Deno.test("another name, group or subscription, or no id at all, leads nowhere", () => {
  for (
    const wrong of [
      `${id}2`,
      id.replace("demo-rg", "other"),
      id.replace(/\/subscriptions\/[^/]+/, "/subscriptions/x"),
      `${id}/extensions`,
      "demo-vm",
      "",
    ]
  ) assert.equal(findVirtualMachine(world, wrong), undefined, wrong);
});

Deno.test("a service principal gets a fresh secret, one with a certificate none", () => {
  const secret = () =>
    createWorld(checkWorld(demoWorld, makePlainError)).servicePrincipals[0]?.clientSecret;
  assert.match(secret() ?? "", /^[0-9a-f]{48}$/);
  assert.notEqual(secret(), secret());
  const [one] = createWorld(checkWorld({
    servicePrincipals: [{
      clientId: "0e0e0e0e-0000-4000-8000-00000000000a",
      certificate: "-----BEGIN CERTIFICATE-----",
    }],
  }, makePlainError)).servicePrincipals;
  assert.equal(one?.clientSecret, undefined);
});
