/** The plugin `emulator`: an Azure of one's own, for demos, tests, training and plugin authors. */

import type { Command, Option, PluginFactory } from "../../core/mod.ts";
import { errors } from "./errors.ts";
import { shells } from "./shells.ts";

const file: Option = {
  name: "file",
  type: "path",
  placeholder: "FILE",
  summary: "YAML file with bastion hosts, VMs and faults; a small demo world without it",
};

const WORLD = `The file, in YAML (everything is optional but names, groups and addresses):

    bastionHosts:
      - name: hub
        resourceGroup: net
        sku: Standard
        enableTunneling: true
        enableIpConnect: true
    virtualMachines:
      - name: web1
        resourceGroup: app
        privateIp: 10.1.0.4
        ports: { 22: "127.0.0.1:2222", 7: echo }
    faults:
      - { at: token, connection: 3, kind: status, status: 429 }

A port leads to "host:port", or to one of the built-in servers ssh (commands run as you) and echo. VNets, scale sets, tenants, users and roles may stand there too: docs/emulator.md tells how. Without a file there is the host demo-bastion (group demo-rg), and the VM demo-vm (10.0.0.4) with ssh on 22 and echo on 7.`;

const serve: Command = {
  path: "emulator",
  summary: "Run a stand-in for Azure on this computer",
  description:
    `Serves Microsoft Entra, Azure Resource Manager and the data planes of bastion hosts on 127.0.0.1, over TLS with a CA of its own, until it is ended. Everything that it writes is in one private directory, which goes with it.

${WORLD}

With --print-env the assignments that point bastion and az at the emulator are all that is printed: write them to a file, and let the emulator run on in the background.`,
  options: [
    file,
    {
      name: "listen",
      type: "string",
      placeholder: "127.0.0.1:PORT",
      default: "127.0.0.1:0",
      summary: "Address of Entra and Resource Manager; port 0 lets the system choose",
    },
    {
      name: "print-env",
      type: "choice",
      placeholder: "SHELL",
      choices: shells,
      summary: "Once ready, print environment assignments for this shell, and nothing else",
    },
  ],
  examples: [
    { text: "The demo world, in a terminal of its own", command: "bastion emulator" },
    {
      text: "In the background, with this shell pointed at it",
      command:
        "(umask 077; bastion emulator --print-env sh > env.sh) & until [ -s env.sh ]; do sleep 0.1; done; . ./env.sh",
    },
  ],
  events: {
    ready:
      "endpoint, caFile, cloudFile, directory, environment, bastionHosts, virtualMachines, ssh: everything that programs need to use it",
    stopped: "the emulator has ended; stats are its last counts",
  },
  handler: () => import("./run.ts"),
};

const exec: Command = {
  path: "emulator exec",
  summary: "Run a command with the emulator in place of Azure",
  description:
    `Starts the emulator, runs CMD with an environment that points bastion (this one, on PATH) and az at it, and ends with CMD's exit code.

Besides Azure's own variables, CMD finds BASTION_CLOUD_FILE, BASTION_KNOWN_HOSTS (the VMs' host keys go with the emulator), BASTION_EMULATOR_ENDPOINT, BASTION_EMULATOR_KEY (the bearer token for /_emulator/secrets), and, where a VM has a built-in SSH server, BASTION_EMULATOR_SSH_USER, _SSH_PASSWORD, _SSH_KEY and _SSH_KNOWN_HOSTS.

${WORLD}`,
  options: [file],
  rest: { placeholder: "CMD …", summary: "The command to run, with its arguments" },
  examples: [
    {
      text: "SSH to the demo VM, by Azure Bastion's protocol",
      command:
        'bastion emulator exec -- bastion tunnel --name demo-bastion --resource-group demo-rg --target-ip-address 10.0.0.4 --resource-port 22 -- sh -c \'ssh -i "$BASTION_EMULATOR_SSH_KEY" -o UserKnownHostsFile="$BASTION_EMULATOR_SSH_KNOWN_HOSTS" -o HostKeyAlias=demo-vm -p {port} demo@{host} uname\'',
    },
    {
      text: "A command on the demo VM",
      command:
        "bastion emulator exec -- sh -c 'bastion ssh --ssh-key \"$BASTION_EMULATOR_SSH_KEY\" demo@demo-vm uname'",
    },
    { text: "A shell in which Azure is the emulator", command: "bastion emulator exec -- bash" },
  ],
  handler: () => import("./exec.ts"),
};

export const emulator: PluginFactory = () => ({
  name: "emulator",
  version: "0.1.0",
  apiVersion: 1,
  commands: [serve, exec],
  errors,
});
