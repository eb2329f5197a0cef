/**
 * The emulator, a process of its own: its VM has an SSH server of this computer behind port 22. It
 * reads that server's port from stdin, and prints what a program needs to find it.
 */

import { startEmulator } from "../../plugins/emulator/emulator.ts";

/** What `emulator.ts` prints. */
export interface EmulatorReady {
  readonly environment: Readonly<Record<string, string>>;
  /** The words that name host, VM and port to `bastion`. */
  readonly target: readonly string[];
}

const sshd = Number(await new Response(Deno.stdin.readable).text());
const emulator = await startEmulator({
  world: {
    servicePrincipals: [{ clientId: "0e0e0e0e-0000-4000-8000-0000000000c1" }],
    bastionHosts: [{ name: "hub", resourceGroup: "net", enableTunneling: true }],
    virtualMachines: [{
      name: "web1",
      resourceGroup: "app",
      privateIp: "10.1.0.4",
      ports: { 22: `127.0.0.1:${sshd}` },
    }],
  },
});
const ready: EmulatorReady = {
  environment: emulator.environment,
  target: [
    ...["--name", "hub", "--resource-group", "net", "--resource-port", "22"],
    ...["--target-resource-id", emulator.world.virtualMachines[0]?.id ?? ""],
  ],
};
console.log(JSON.stringify(ready));
