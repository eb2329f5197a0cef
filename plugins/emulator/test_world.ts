import { type RunningEmulator, startEmulator } from "./emulator.ts";
import { createTestClient, type TestClient } from "./test_client.ts";
import type { WorldInput } from "./world_schema.ts";

export const tenants = {
  home: "0e0e0e0e-0000-4000-8000-0000000000a1",
  guest: "0e0e0e0e-0000-4000-8000-0000000000a2",
  foreign: "0e0e0e0e-0000-4000-8000-0000000000a3",
} as const;
export const subscriptions = {
  hub: "0e0e0e0e-0000-4000-8000-0000000000b1",
  spoke: "0e0e0e0e-0000-4000-8000-0000000000b2",
  guest: "0e0e0e0e-0000-4000-8000-0000000000b3",
} as const;
export const APP = "0e0e0e0e-0000-4000-8000-0000000000c1";
export const SECRET = "test world's secret";

/** Hub and spoke in two subscriptions, a lonely network, a scale set, and one more tenant. */
export const testWorld = {
  tenants: [{ id: tenants.home, name: "Home", domain: "home.test" }],
  subscriptions: [
    { id: subscriptions.hub, name: "Hub" },
    { id: subscriptions.spoke, name: "Spoke" },
    { id: subscriptions.guest, name: "Guest", tenant: tenants.guest },
  ],
  servicePrincipals: [{ tenant: tenants.home, clientId: APP, clientSecret: SECRET }],
  users: [
    {
      userPrincipalName: "ada@home.test",
      password: "ada's password",
      otherTenants: [tenants.guest],
    },
    { userPrincipalName: "bob@home.test", password: "bob's password" },
  ],
  virtualNetworks: [
    { name: "hub-vnet", resourceGroup: "net", peerings: [{ network: "spoke-vnet" }] },
    {
      name: "spoke-vnet",
      resourceGroup: "app",
      subscription: subscriptions.spoke,
      addressPrefixes: ["10.2.0.0/16"],
      peerings: [{ name: "to-hub", network: "net/hub-vnet" }],
    },
    { name: "lonely-vnet", resourceGroup: "net", addressPrefixes: ["10.3.0.0/16"] },
  ],
  bastionHosts: [
    {
      name: "hub",
      resourceGroup: "net",
      enableTunneling: true,
      enableIpConnect: true,
      network: "hub-vnet",
    },
    { name: "dev", resourceGroup: "net", sku: "Developer", network: "hub-vnet" },
  ],
  virtualMachines: [
    {
      name: "web1",
      resourceGroup: "app",
      subscription: subscriptions.spoke,
      privateIp: "10.2.0.4",
      ports: { 7: "echo" },
      network: "spoke-vnet",
    },
    {
      name: "win1",
      resourceGroup: "net",
      privateIp: "10.1.0.5",
      ports: { 3389: "echo" },
      network: "hub-vnet",
      powerState: "deallocated",
    },
    {
      name: "far",
      resourceGroup: "net",
      privateIp: "10.3.0.4",
      ports: { 7: "echo" },
      network: "lonely-vnet",
    },
    { name: "near", resourceGroup: "net", privateIp: "10.1.0.6", ports: { 7: "echo", 22: "echo" } },
  ],
  scaleSets: [{
    name: "set",
    resourceGroup: "app",
    subscription: subscriptions.spoke,
    network: "spoke-vnet",
    instances: [
      { privateIp: "10.2.1.4", ports: { 7: "echo" } },
      { id: "3", privateIp: "10.2.1.5", powerState: "stopped" },
    ],
  }],
} satisfies WorldInput;

/** Runs `body` against {@linkcode testWorld}, parts of which `changes` replaces. */
export async function withWorld(
  changes: Partial<WorldInput>,
  body: (client: TestClient, emulator: RunningEmulator) => Promise<void>,
): Promise<void> {
  await using emulator = await startEmulator({ world: { ...testWorld, ...changes } });
  using client = createTestClient(emulator);
  await body(client, emulator);
}
