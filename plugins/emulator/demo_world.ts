import type { WorldInput } from "./world_schema.ts";

/** What the emulator shows without a file: enough for a first tunnel. */
export const demoWorld = {
  bastionHosts: [{
    name: "demo-bastion",
    resourceGroup: "demo-rg",
    sku: "Standard",
    enableTunneling: true,
    enableIpConnect: true,
  }],
  virtualMachines: [{
    name: "demo-vm",
    resourceGroup: "demo-rg",
    privateIp: "10.0.0.4",
    ports: { "22": "ssh", "7": "echo" },
  }],
} as const satisfies WorldInput;
