/** `bastion ssh`: the machine's own OpenSSH, or a client built in, to a VM, through Azure Bastion. */

import type {
  Command,
  PluginContext,
  PluginFactory,
  ServiceKey,
  SshSessions,
} from "../../core/mod.ts";
import { configCommands } from "./config/commands.ts";
import { hostWordResolver } from "./config/host_word_resolver.ts";
import { errors } from "./errors.ts";
import { hostKeyOptions } from "./host_key_options.ts";

const ssh: Command = {
  path: "ssh",
  summary: "Open an SSH session on a VM, or run a command there",
  description:
    "Starts this computer's OpenSSH, which reaches the VM through bastion: no local port is opened, " +
    "unless --port asks for one. Where there is no OpenSSH, a client that is built in does the work. " +
    "Without --auth-type ssh signs in as it would anywhere, with its agent, keys and prompts. Host " +
    "keys are checked, and kept under the VM's identity.\n\n" +
    "Words behind TARGET are the remote command, and their options are its own; words behind -- go " +
    "to ssh, as with az. The exit code is the remote command's, and 255 where there was no session.",
  target: { defaultPort: 22, user: true, portShort: "p" },
  args: [{ name: "COMMAND", summary: "What to run on the VM, with its arguments", rest: true }],
  rest: { placeholder: "SSH_ARGS", summary: "Options and arguments for ssh itself" },
  ownsStdout: true,
  options: [
    {
      name: "auth-type",
      type: "choice",
      placeholder: "TYPE",
      choices: { from: "signIns" },
      summary: "How to enter the VM; left to ssh where it is left out",
      az: true,
    },
    {
      name: "username",
      short: "l",
      type: "string",
      placeholder: "USER",
      summary: "User on the VM",
      az: true,
    },
    {
      name: "ssh-key",
      short: "i",
      type: "string",
      placeholder: "FILE",
      summary: "Private key",
      az: true,
    },
    {
      name: "password-stdin",
      type: "boolean",
      summary: "Read the password from the first line of stdin",
    },
    {
      name: "port",
      type: "integer",
      placeholder: "PORT",
      min: 0,
      max: 65535,
      env: "BASTION_LOCAL_PORT",
      summary: "Go by a local port, which others can use meanwhile; 0 lets the system choose",
    },
    {
      name: "client",
      type: "choice",
      placeholder: "WHICH",
      choices: ["native", "builtin"],
      env: "BASTION_SSH_CLIENT",
      summary: "This computer's OpenSSH, or the client built in; native wherever there is one",
    },
    {
      name: "ssh-path",
      type: "path",
      placeholder: "FILE",
      summary: "The ssh to start; otherwise the first on PATH",
    },
    ...hostKeyOptions,
    {
      name: "local-forward",
      short: "L",
      type: "strings",
      placeholder: "SPEC",
      env: false,
      summary: "As ssh's -L: [BIND:]PORT:HOST:HOSTPORT, from here",
    },
    {
      name: "remote-forward",
      short: "R",
      type: "strings",
      placeholder: "SPEC",
      env: false,
      summary: "As ssh's -R: [BIND:]PORT:HOST:HOSTPORT, from the VM",
    },
    {
      name: "dynamic-forward",
      short: "D",
      type: "strings",
      placeholder: "SPEC",
      env: false,
      summary: "As ssh's -D: [BIND:]PORT, a SOCKS proxy here",
    },
    {
      name: "jump",
      short: "J",
      type: "string",
      placeholder: "[USER@]VM",
      env: false,
      summary: "As ssh's -J: go to VM by bastion, and from there to TARGET, a host that VM knows",
    },
    { name: "tty", short: "t", type: "boolean", env: false, summary: "As ssh's -t: a terminal" },
    {
      name: "no-command",
      short: "N",
      type: "boolean",
      env: false,
      summary: "As ssh's -N: run nothing, only forward",
    },
    {
      name: "ssh-option",
      short: "o",
      type: "strings",
      placeholder: "KEY=VALUE",
      env: false,
      summary: "As ssh's -o: a setting, which goes before ours",
    },
  ],
  examples: [
    { text: "To the VM of that name", command: "bastion ssh azureuser@web1" },
    {
      text: "With a key, as the Azure documentation has it",
      command:
        'bastion ssh --name hub --resource-group net --target-resource-id "$VM_ID" --auth-type ssh-key --username azureuser --ssh-key ~/.ssh/id_ed25519',
    },
    {
      text: "With the VM's password, which is asked for",
      command: "bastion ssh web1 --auth-type password --username azureuser",
    },
    { text: "Run a command", command: "bastion ssh azureuser@web1 uname -a" },
    {
      text: "Reach a database behind the VM on local port 5432",
      command: "bastion ssh azureuser@web1 -N -L 5432:db.internal:5432",
    },
    {
      text: "To a host behind the VM web1",
      command: "bastion ssh -J azureuser@web1 admin@db.internal",
    },
  ],
  events: {
    "listening": "host, port, target, bastionHost: with --port (on stderr, as all events)",
    "error": "code, message, hint, exitCode: what ssh has failed with, as far as it is clear",
  },
  handler: () => import("./run.ts"),
};

const askpass: Command = {
  path: "ssh-askpass",
  summary: "Answer ssh's question for the password",
  options: [],
  rest: { placeholder: "QUESTION", summary: "What ssh asks" },
  examples: [],
  hidden: true,
  ownsStdout: true,
  handler: () => import("./native/askpass_run.ts"),
};

const sessions: ServiceKey<SshSessions> = { name: "ssh" };

async function openSessions(ctx: PluginContext): Promise<SshSessions> {
  const { createSshSessions } = await import("./service/ssh_sessions.ts");
  return createSshSessions(ctx);
}

export const sshCommands: PluginFactory = () => ({
  name: "ssh",
  version: "1.0.0",
  apiVersion: 1,
  commands: [ssh, askpass, ...configCommands],
  services: [{ key: sessions, create: openSessions }],
  targetResolvers: [hostWordResolver],
  errors,
});
