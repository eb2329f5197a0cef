/** `bastion ssh-config`, and what ssh calls by it. */

import type { Command, Option } from "../../../core/mod.ts";
import { hostKeyOptions } from "../host_key_options.ts";

const file: Option = {
  name: "file",
  type: "path",
  placeholder: "FILE",
  summary: "The configuration to change; otherwise .ssh/config in your home directory",
  env: false,
};

const signIn: readonly Option[] = [
  {
    name: "auth-type",
    type: "choice",
    placeholder: "TYPE",
    choices: { from: "signIns" },
    summary: "How to enter the VMs; left to ssh where it is left out",
  },
  {
    name: "username",
    short: "l",
    type: "string",
    placeholder: "USER",
    summary: "User on the VMs",
  },
  { name: "ssh-key", short: "i", type: "string", placeholder: "FILE", summary: "Private key" },
];

const hosts: readonly Option[] = [
  {
    name: "all",
    type: "boolean",
    env: false,
    summary: "A block for every VM that a bastion host reaches, not a wildcard",
  },
  ...signIn,
  ...hostKeyOptions,
  {
    name: "control-persist",
    type: "duration",
    placeholder: "TIME",
    default: 60_000,
    summary:
      "How long a VM's connection stays open for the next ssh (not on Windows); 0: share none",
  },
];

const target = { defaultPort: 22, optional: true } as const;
const more = { name: "MORE", summary: "Further VMs", many: true } as const;
const how = "Without TARGET one block serves every VM: VM.bastion, or VM.GROUP.bastion where the " +
  "name alone could be another's. With TARGET, or --all, each VM has a block of its own, which " +
  "needs no lookup, and which programs can list.";

export const configCommands: readonly Command[] = [
  {
    path: "ssh-config print",
    summary: "Print what ssh, Ansible or Windows Terminal need to reach VMs",
    description: how,
    target,
    args: [more],
    options: [
      {
        name: "format",
        type: "choice",
        placeholder: "FORMAT",
        choices: ["openssh", "json", "ansible", "windows-terminal"],
        default: "openssh",
        env: false,
        summary: "For whom; Ansible and Windows Terminal have every VM where none is named",
      },
      ...hosts,
    ],
    examples: [
      { text: "What would be installed", command: "bastion ssh-config print" },
      {
        text: "An inventory of all VMs",
        command: "bastion ssh-config print --all --format ansible --username azureuser > hosts.yml",
      },
    ],
    handler: () => import("./print.ts"),
  },
  {
    path: "ssh-config install",
    summary: "Let ssh, scp, rsync, git and all that use them reach VMs by name",
    description: `${how}\n\n` +
      "The block stands at the top of the file, between two marks; what else is there is left alone, " +
      "and a copy stays beside it. Run it again to change the block.",
    target,
    args: [more],
    options: [file, ...hosts],
    examples: [
      { text: "Then: ssh azureuser@web1.bastion", command: "bastion ssh-config install" },
      {
        text: "With certificates of Microsoft Entra, which are renewed by themselves",
        command: "bastion ssh-config install --auth-type aad",
      },
      {
        text: "Hosts that VS Code lists",
        command: "bastion ssh-config install web1 db1 --username azureuser",
      },
    ],
    handler: () => import("./install.ts"),
  },
  {
    path: "ssh-config remove",
    summary: "Take the block out of ssh's configuration, with its keys and certificates",
    options: [file],
    examples: [{ text: "Leave the file as it was", command: "bastion ssh-config remove" }],
    handler: () => import("./remove.ts"),
  },
  // KnownHostsCommand: ssh-known-hosts HOST NAME REASON TYPE KEY, ssh's %h %H %I %t %K.
  {
    path: "ssh-known-hosts",
    summary: "Tell ssh which keys a VM is known by, and record a new one",
    hidden: true,
    ownsStdout: true,
    target: { defaultPort: 22 },
    args: [{ name: "ASKED", summary: "NAME REASON TYPE KEY", many: true }],
    options: hostKeyOptions,
    examples: [],
    handler: () => import("./known_hosts_run.ts"),
  },
  // Match exec: ends with 0 once there is a certificate that is good for some minutes.
  {
    path: "ssh-certificate",
    summary: "Renew the key and certificate that ssh's configuration names",
    hidden: true,
    args: [{ name: "KEY", summary: "Which one" }],
    options: [
      ...signIn,
      {
        name: "bastion",
        type: "string",
        placeholder: "ID",
        summary: "Bastion host",
        required: true,
      },
    ],
    examples: [],
    handler: () => import("./certificate_run.ts"),
  },
];
