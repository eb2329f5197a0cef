/** `bastion list` and `bastion targets`: what there is, and what reaches what. */

import type { Command, Option, PluginFactory } from "../../core/mod.ts";

const subscription: Option = {
  name: "subscription",
  type: "string",
  placeholder: "NAME|ID",
  summary: "Only this subscription (AZURE_SUBSCRIPTION_ID, else all that the credential sees)",
  az: true,
};

const list: Command = {
  path: "list",
  summary: "List the bastion hosts, with SKU and features",
  options: [
    {
      name: "resource-group",
      short: "g",
      type: "string",
      placeholder: "GROUP",
      summary: "Only hosts of this resource group",
      az: true,
    },
    subscription,
  ],
  examples: [
    { text: "Every bastion host that the credential sees", command: "bastion list" },
    { text: "Those of one group, for a script", command: "bastion list -g net --json" },
  ],
  handler: () => import("./list.ts"),
};

const targets: Command = {
  path: "targets",
  summary: "List the VMs, and the bastion host that reaches each",
  description:
    "Instances of scale sets are among them. A VM is reached by a bastion host in its own VNet, or " +
    "in one that is peered with it; where none is fit, the reason is said.",
  options: [
    {
      name: "resource-group",
      short: "g",
      type: "string",
      placeholder: "GROUP",
      summary: "Only VMs of this resource group",
      az: true,
    },
    subscription,
  ],
  examples: [
    { text: "Every VM that the credential sees", command: "bastion targets" },
    {
      text: "The ids of the running VMs, for a script",
      command: "bastion targets --json | jq -r '.targets[] | select(.power == \"running\") | .id'",
    },
  ],
  handler: () => import("./targets.ts"),
};

export const targetLists: PluginFactory = () => ({
  name: "targets",
  version: "1.0.0",
  apiVersion: 1,
  commands: [list, targets],
});
