/** `bastion tunnel`: a local port that leads to a port of the target. */

import type { Command, PluginFactory } from "../../core/mod.ts";

const command: Command = {
  path: "tunnel",
  summary: "Open a local port that leads to a port of a VM",
  description: "Every connection to the local port travels through Azure Bastion to the target. " +
    "The tunnel stays open until Ctrl-C, whatever becomes of single connections.\n\n" +
    "The bastion host is found where none is named: the one that reaches the VM's network.",
  target: { connects: {} },
  options: [
    {
      name: "port",
      type: "integer",
      placeholder: "PORT",
      min: 0,
      max: 65535,
      default: 0,
      // BASTION_PORT is what a program behind `--` is told; one that calls bastion again must not
      // have it taken for an order.
      env: "BASTION_LOCAL_PORT",
      summary: "Local port; 0 lets the system choose",
      az: true,
    },
    {
      name: "timeout",
      type: "duration",
      placeholder: "TIME",
      summary: "End the tunnel after so long (90, 90s, 15m, 8h)",
      az: true,
    },
    {
      name: "bind",
      type: "string",
      placeholder: "ADDRESS",
      summary: "Local address to listen on, in place of 127.0.0.1 and [::1]",
    },
    {
      name: "port-file",
      type: "path",
      placeholder: "FILE",
      summary: "Write the local port into FILE when ready; removed at the end",
    },
    {
      name: "max-connections",
      type: "integer",
      placeholder: "N",
      min: 1,
      max: 100_000,
      summary: "Connections at once; more wait",
    },
    {
      name: "idle-timeout",
      type: "duration",
      placeholder: "TIME",
      summary: "End the tunnel after so long without a connection",
    },
    { name: "once", type: "boolean", summary: "End the tunnel with its first connection" },
  ],
  rest: {
    placeholder: "CMD",
    summary: "Run CMD when ready, and end with it and its exit code. " +
      "{host} and {port} are filled in; BASTION_HOST and BASTION_PORT are set.",
  },
  examples: [
    {
      text: "To the VM of that name, by the bastion host that reaches it",
      command: "bastion tunnel web1 --resource-port 22",
    },
    {
      text: "SSH to a VM by its resource id, through local port 50022",
      command:
        'bastion tunnel --name hub --resource-group net --target-resource-id "$VM_ID" --resource-port 22 --port 50022',
    },
    {
      text: "The same by IP address, with a port that the system chooses",
      command: "bastion tunnel -n hub -g net --target-ip-address 10.1.0.4 --resource-port 22",
    },
    {
      text: "Run one command through a tunnel that ends with it",
      command:
        'bastion tunnel -n hub -g net --target-resource-id "$VM_ID" --resource-port 5432 -- psql -h {host} -p {port} mydb',
    },
  ],
  events: {
    "listening": "host, port, addresses, target, bastionHost: the tunnel is ready",
    "connection-opened": "connection: data can flow",
    "connection-failed": "connection, code, message, hint: no way could be opened",
    "connection-closed": "connection, reason, bytesUp, bytesDown, ms; code, message, hint " +
      "where it ended badly. reason: local-closed, remote-closed, stopped, or the error's code",
    "stopped": "reason (stopped, timeout, idle-timeout, once, command-ended), opened, failed, " +
      "bytesUp, bytesDown, ms",
  },
  handler: () => import("./run.ts"),
};

export const tunnel: PluginFactory = () => ({
  name: "tunnel",
  version: "1.0.0",
  apiVersion: 1,
  commands: [command],
});
