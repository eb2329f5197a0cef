/** `bastion rdp`: a desktop on a VM, in whatever program this computer has for that. */

import type { Command, PluginFactory } from "../../core/mod.ts";
import { errors } from "./errors.ts";
import { launcherNames } from "./launcher_names.ts";

const command: Command = {
  path: "rdp",
  summary: "Open a remote desktop on a VM",
  description:
    "Opens a tunnel to the VM, writes an .rdp file for it, and opens that with the first program " +
    "that is there: Remote Desktop Connection (Windows), Windows App (macOS), FreeRDP or Remmina " +
    "(Linux). Without one, the address to connect to is printed, and the tunnel stays open.\n\n" +
    "It ends with the program where that stays until the session is over (Windows, FreeRDP), and " +
    "otherwise with Ctrl-C. Azure Bastion's own RDP gateway is not used; Entra sign-in needs it, " +
    "so that it is not possible here.",
  // RDP says goodbye within its own protocol: who ends its socket waits for little more.
  target: { defaultPort: 3389, user: true, connects: { halfCloseGrace: 1_000 } },
  options: [
    {
      name: "auth-type",
      type: "choice",
      placeholder: "TYPE",
      choices: ["password", "aad"],
      // BASTION_AUTH_TYPE is ssh's, which has others.
      env: "BASTION_RDP_AUTH_TYPE",
      summary: "How to enter the VM: password, asked for by the program; aad needs the gateway",
      az: true,
    },
    {
      name: "enable-mfa",
      type: "boolean",
      saysWhich: true,
      summary: "Entra sign-in with several factors; needs the gateway",
      az: true,
    },
    {
      name: "disable-gateway",
      type: "boolean",
      saysWhich: true,
      summary: "Go by a tunnel, not by the gateway: always so here",
      az: true,
    },
    {
      name: "configure",
      type: "boolean",
      summary: "Show the settings before connecting, in programs that can (mstsc, remmina)",
      az: true,
    },
    {
      name: "username",
      type: "string",
      placeholder: "USER",
      summary: "User on the VM, for the .rdp file",
    },
    {
      name: "port",
      type: "integer",
      placeholder: "PORT",
      min: 0,
      max: 65535,
      default: 0,
      env: "BASTION_LOCAL_PORT",
      summary: "Local port; 0 lets the system choose",
    },
    {
      name: "launcher",
      type: "choice",
      placeholder: "NAME",
      choices: [...launcherNames, "none"],
      summary: "The program that opens RDP; none opens the tunnel alone",
    },
    {
      name: "rdp-file",
      type: "path",
      placeholder: "FILE",
      summary:
        "Keep the .rdp file there; settings that it has already stay, but for address and gateway",
    },
  ],
  rest: { placeholder: "ARGS", summary: "Arguments for the program that opens RDP" },
  examples: [
    { text: "A desktop on the VM of that name", command: "bastion rdp win1" },
    {
      text: "By the VM's resource id, as with az",
      command: 'bastion rdp --name hub --resource-group net --target-resource-id "$VM_ID"',
    },
    {
      text: "As a certain user, with FreeRDP and options of its own",
      command: "bastion rdp azureuser@win1 --launcher xfreerdp -- /dynamic-resolution",
    },
    {
      text: "The tunnel alone, and an .rdp file that other programs can open",
      command: "bastion rdp win1 --launcher none --port 53389 --rdp-file win1.rdp",
    },
  ],
  events: {
    "listening": "host, port, addresses, target, bastionHost: the tunnel is ready",
    "launched": "launcher, file: the program is being started",
    "connection-opened": "connection: data can flow",
    "connection-failed": "connection, code, message, hint: no way could be opened",
    "connection-closed": "connection, reason, bytesUp, bytesDown, ms; code, message, hint " +
      "where it ended badly. reason: local-closed, remote-closed, stopped, or the error's code",
    "stopped": "opened, failed, bytesUp, bytesDown, ms",
  },
  handler: () => import("./run.ts"),
};

export const rdp: PluginFactory = () => ({
  name: "rdp",
  version: "1.0.0",
  apiVersion: 1,
  commands: [command],
  errors,
});
