/** The options by which every command names its target and the bastion host. Pure. */

import { bastionError } from "../errors.ts";
import type { Option, OptionValues, TargetUse } from "../plugin/plugin.ts";
import { parseTargetWord, splitUser } from "./grammar.ts";
import type { TargetRequest } from "./target.ts";

const WAYS = "Give TARGET (a VM's name, private IP address or resource id), or az's " +
  "--target-resource-id or --target-ip-address.";

const NO_CHECK: Option = {
  name: "no-check",
  type: "boolean",
  summary: "Do not check host, SKU, features and reachability first",
};

/** az's names for what az has; `--bastion` is ours. */
export function targetOptions(use: TargetUse): readonly Option[] {
  return [
    {
      name: "name",
      short: "n",
      type: "string",
      placeholder: "HOST",
      summary: "Bastion host: its name (with --resource-group), or its full resource id",
      az: true,
    },
    {
      name: "resource-group",
      short: "g",
      type: "string",
      placeholder: "GROUP",
      summary: "Resource group of the bastion host that --name names",
      az: true,
    },
    {
      name: "bastion",
      type: "string",
      placeholder: "[GROUP/]HOST",
      summary: "Bastion host, in one word; without it and --name it is found",
    },
    {
      name: "subscription",
      type: "string",
      placeholder: "NAME|ID",
      summary: "Subscription of the bastion host, and of targets that are given by name",
      az: true,
    },
    {
      name: "target-resource-id",
      type: "string",
      placeholder: "ID",
      summary: "Target: the resource id of a VM, a scale-set instance, or another resource",
      az: true,
    },
    {
      name: "target-ip-address",
      type: "string",
      placeholder: "IP",
      summary: "Target: its private IPv4 address (ports 22 and 3389 only)",
      az: true,
    },
    {
      name: "resource-port",
      ...(use.portShort === undefined ? {} : { short: use.portShort }),
      type: "integer",
      placeholder: "PORT",
      min: 1,
      max: 65535,
      // No `default`: it would go before the port that an alias names.
      summary: use.defaultPort === undefined
        ? "Port on the target"
        : `Port on the target; ${use.defaultPort} where it is left out`,
      az: true,
    },
    // Where no target is needed, what is named is looked at, not gone to.
    ...(use.optional ? [] : [NO_CHECK]),
  ];
}

/** What {@linkcode readTargetRequest} has read. */
export interface NamedTarget {
  /**
   * Nothing where the command can do without a target, and neither one nor a bastion host or a
   * subscription is named.
   */
  readonly request?: TargetRequest;
  /** The USER of `USER@TARGET`. */
  readonly user?: string;
}

/**
 * Reads the first word and the options of {@linkcode targetOptions}. A request that names no target
 * is for whoever resolves it, who may ask the user.
 * @throws BastionError `usage`
 */
export function readTargetRequest(
  use: TargetUse,
  options: OptionValues,
  args: readonly string[],
): NamedTarget {
  const { word, user } = readWord(use, args[0]);
  const resourceId = text(options, "target-resource-id");
  const ipAddress = text(options, "target-ip-address");
  checkOneTarget([
    ["TARGET", word],
    ["--target-resource-id", resourceId],
    ["--target-ip-address", ipAddress],
  ]);
  const named = word ?? resourceId ?? ipAddress;
  const host = readHost(options);
  const subscription = text(options, "subscription");
  if (named === undefined && use.optional) {
    if (host.bastionHost === undefined && subscription === undefined) return {};
  }
  const port = options["resource-port"];
  if (typeof port !== "number" && use.defaultPort === undefined && !mayKnowPort(word)) {
    throw named === undefined
      ? usage("Neither a target nor a port on it is named.", `${WAYS} And give --resource-port.`)
      : usage(`No port on ${named} is named.`, "Give --resource-port: 22 for SSH, 3389 for RDP.");
  }
  return {
    ...(user === undefined ? {} : { user }),
    request: {
      ...(word === undefined ? {} : { word }),
      ...(resourceId === undefined ? {} : { resourceId }),
      ...(ipAddress === undefined ? {} : { ipAddress }),
      ...(typeof port === "number" ? { port } : {}),
      ...(use.defaultPort === undefined ? {} : { defaultPort: use.defaultPort }),
      ...host,
      ...(subscription === undefined ? {} : { subscription }),
      ...(options["no-check"] === true ? { check: false } : {}),
    },
  };
}

function readWord(use: TargetUse, given: string | undefined): { word?: string; user?: string } {
  if (given === undefined) return {};
  const { user, word } = splitUser(given);
  if (user !== undefined && !use.user) {
    throw usage(
      `${JSON.stringify(given)} names a user, which this command has no use for.`,
      `Leave out what stands before the last @: ${word}`,
    );
  }
  // What cannot be meant is told before anything is read.
  parseTargetWord(word);
  return { word, ...(user === undefined ? {} : { user }) };
}

/** Only an alias, or what a plugin resolves, can bring a port with it. */
function mayKnowPort(word: string | undefined): boolean {
  return word !== undefined && parseTargetWord(word).kind === "name";
}

function checkOneTarget(ways: readonly (readonly [flag: string, value: string | undefined])[]) {
  const given = ways.filter(([, value]) => value !== undefined).map(([flag]) => flag);
  if (given.length < 2) return;
  throw usage(
    `Two targets are named, by ${given.slice(0, 2).join(" and by ")}.`,
    "Give one of them. A BASTION_… variable or the config file may hold the other.",
  );
}

function readHost(options: OptionValues): Pick<TargetRequest, "bastionHost" | "resourceGroup"> {
  const name = text(options, "name");
  const group = text(options, "resource-group");
  const bastion = text(options, "bastion");
  if (bastion !== undefined) {
    const rival = name !== undefined ? "--name" : group !== undefined ? "--resource-group" : "";
    if (rival === "") return { bastionHost: bastion };
    throw usage(
      `The bastion host is named twice, by --bastion and by ${rival}.`,
      "Give --bastion [GROUP/]HOST alone, or --name and --resource-group.",
    );
  }
  if (name === undefined) {
    if (group === undefined) return {};
    throw usage(
      "--resource-group is the bastion host's group, and --name does not say which host.",
      "Give --name as well. A VM's group goes before its name: GROUP/NAME.",
    );
  }
  if (name.startsWith("/")) return { bastionHost: name };
  if (name.includes("/")) {
    throw usage(
      `${JSON.stringify(name)} cannot be a bastion host's name.`,
      `Give --bastion ${name}, or --name with --resource-group.`,
    );
  }
  if (group === undefined) {
    throw usage(
      "The bastion host's resource group is not named.",
      `Give --resource-group, or --bastion ${name} to have the host found by its name.`,
    );
  }
  return { bastionHost: name, resourceGroup: group };
}

function text(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

function usage(problem: string, remedy: string): Error {
  return bastionError("usage", { problem, remedy });
}
