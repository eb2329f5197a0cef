/** `bastion proxy`: a port of the target on stdin and stdout, for ssh's ProxyCommand and its like. */

import type { Command, PluginFactory } from "../../core/mod.ts";

const command: Command = {
  path: "proxy",
  summary: "Carry stdin and stdout to a port of a VM, as ssh's ProxyCommand",
  description: "What comes on stdin goes to the target, what the target sends comes on stdout, " +
    "and nothing else ever stands there: with --json too, events go to stderr. No local port is " +
    "opened. It ends when the target ends the connection, or when stdin has ended and the target " +
    "has been silent for --half-close-grace.",
  target: { defaultPort: 22, connects: {} },
  ownsStdout: true,
  options: [],
  examples: [
    {
      text: "ssh to a VM, with no local port",
      command: "ssh -o ProxyCommand='bastion proxy web1' -o HostKeyAlias=web1 azureuser@web1",
    },
    {
      text: "Copy files with scp, by the VM's resource id",
      command:
        `scp -o ProxyCommand='bastion proxy --target-resource-id "$VM_ID"' -o HostKeyAlias=web1 file azureuser@web1:`,
    },
    {
      text: "See what a port answers",
      command: "bastion proxy web1 --resource-port 25 < /dev/null",
    },
  ],
  events: {
    "connection-opened": "target, bastionHost: data can flow (on stderr, as all events)",
    "connection-failed": "code, message, hint: no way could be opened",
    "connection-closed": "reason, bytesUp, bytesDown, ms; code, message, hint where it ended " +
      "badly. reason: local-closed, remote-closed, stopped, or the error's code",
  },
  handler: () => import("./run.ts"),
};

export const proxy: PluginFactory = () => ({
  name: "proxy",
  version: "1.0.0",
  apiVersion: 1,
  commands: [command],
});
