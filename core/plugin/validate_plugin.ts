/**
 * Checks that what a factory returned is a plugin. A stranger's plugin is JavaScript that no
 * compiler of ours has seen: what is wrong with it is said at the start, with its name, and not
 * when a hook first runs.
 */

import type { ExitKind } from "../error_catalogue.ts";
import { bastionError } from "../errors.ts";
import { hookTable } from "./hooks.ts";
import type { Option, Plugin } from "./plugin.ts";

const PLUGIN_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const COMMAND_PATH = /^[a-z][a-z0-9]*(-[a-z0-9]+)*( [a-z][a-z0-9]*(-[a-z0-9]+)*)*$/;

const pluginKeys = {
  name: true,
  version: true,
  apiVersion: true,
  requires: true,
  commands: true,
  commandExtensions: true,
  configSchema: true,
  credentials: true,
  signIns: true,
  targetResolvers: true,
  transports: true,
  services: true,
  checks: true,
  errors: true,
  hooks: true,
} as const satisfies Record<keyof Plugin, true>;

const optionTypes = {
  boolean: true,
  string: true,
  strings: true,
  path: true,
  integer: true,
  duration: true,
  choice: true,
} as const satisfies Record<Option["type"], true>;

const exitKinds = {
  unexpected: true,
  usage: true,
  configuration: true,
  credential: true,
  forbidden: true,
  "not-found": true,
  unfit: true,
  network: true,
  "target-port": true,
  "host-key": true,
  transfer: true,
  "local-port": true,
  plugin: true,
} as const satisfies Record<ExitKind, true>;

/** @throws BastionError `plugin-invalid` */
export function validatePlugin(plugin: Plugin): void {
  const problem = problemOf(plugin);
  if (problem === undefined) return;
  const name: unknown = isRecord(plugin) ? plugin["name"] : undefined;
  throw bastionError("plugin-invalid", {
    plugin: typeof name === "string" ? name : "(without a name)",
    problem,
  });
}

/** What is wrong with it first. The value is what a stranger returned, whatever its type says. */
function problemOf(plugin: unknown): string | undefined {
  if (!isRecord(plugin)) return "its factory returned no object";
  const { name, version, apiVersion } = plugin;
  if (typeof name !== "string" || !PLUGIN_NAME.test(name)) {
    return "its name is not lower-case words with hyphens";
  }
  if (typeof version !== "string" || version === "") return "it has no version";
  if (apiVersion !== 1) {
    return `it is made for version ${String(apiVersion)} of the plugin contract, not for 1`;
  }
  for (const key of Object.keys(plugin)) {
    if (!Object.hasOwn(pluginKeys, key)) return `${key} is nothing that a plugin has`;
  }
  return listProblem(plugin, "commands", commandProblem) ??
    listProblem(plugin, "commandExtensions", extensionProblem) ??
    schemaProblem(plugin["configSchema"]) ??
    listProblem(plugin, "credentials", named("create")) ??
    listProblem(plugin, "signIns", signInProblem) ??
    listProblem(plugin, "targetResolvers", named("resolve")) ??
    listProblem(plugin, "transports", named("connect")) ??
    listProblem(plugin, "services", serviceProblem) ??
    listProblem(plugin, "checks", checkProblem) ??
    listProblem(plugin, "requires", (key) => isNamed(key) ? undefined : "has no name") ??
    errorsProblem(plugin["errors"]) ?? hooksProblem(plugin["hooks"]);
}

type Check = (entry: Record<string, unknown>) => string | undefined;

function listProblem(plugin: Record<string, unknown>, key: string, check: Check) {
  const list = plugin[key];
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) return `${key} is not a list`;
  for (const [index, entry] of list.entries()) {
    const label = `entry ${index + 1} of ${key}`;
    if (!isRecord(entry)) return `${label} is not an object`;
    const problem = check(entry);
    if (problem !== undefined) return `${label} ${problem}`;
  }
  return undefined;
}

const commandProblem: Check = (command) => {
  const { path, summary, examples, args, rest, handler } = command;
  if (typeof path !== "string" || !COMMAND_PATH.test(path)) {
    return "has no path of lower-case words";
  }
  if (typeof summary !== "string" || summary === "") return `(${path}) has no summary`;
  if (typeof handler !== "function") return `(${path}) has no handler`;
  if (!Array.isArray(examples)) return `(${path}) has no list of examples`;
  if (args !== undefined && !(Array.isArray(args) && args.every(isNamed))) {
    return `(${path}) has an argument without a name`;
  }
  if (rest !== undefined && !(isRecord(rest) && typeof rest["placeholder"] === "string")) {
    return `(${path}) has a rest without a placeholder`;
  }
  const problem = optionsProblem(command["options"]);
  return problem === undefined ? undefined : `(${path}) ${problem}`;
};

const extensionProblem: Check = (extension) => {
  if (typeof extension["command"] !== "string") return "names no command";
  if (typeof extension["when"] !== "function") return "has no when";
  if (typeof extension["handler"] !== "function") return "has no handler";
  return optionsProblem(extension["options"]);
};

function schemaProblem(schema: unknown): string | undefined {
  const problem = schema === undefined ? undefined : optionsProblem(schema);
  return problem === undefined ? undefined : `its configSchema ${problem}`;
}

function optionsProblem(options: unknown): string | undefined {
  if (!Array.isArray(options)) return "has no list of options";
  for (const option of options) {
    if (!isNamed(option) || !PLUGIN_NAME.test(option.name)) {
      return "has an option whose name is not lower-case words with hyphens";
    }
    const label = `has the option --${option.name}, which`;
    const { type, short, placeholder, choices, min, max } = option as Record<string, unknown>;
    if (typeof type !== "string" || !Object.hasOwn(optionTypes, type)) {
      return `${label} is of no known type`;
    }
    if (short !== undefined && !(typeof short === "string" && /^[a-zA-Z]$/.test(short))) {
      return `${label} has a short form that is not one letter`;
    }
    if (type !== "boolean" && typeof placeholder !== "string") return `${label} has no placeholder`;
    if (type === "choice" && !Array.isArray(choices) && !isRecord(choices)) {
      return `${label} has no choices`;
    }
    if (type === "integer" && !(Number.isInteger(min) && Number.isInteger(max))) {
      return `${label} has no whole numbers as min and max`;
    }
  }
  return undefined;
}

const checkProblem: Check = (check) => {
  const { name, title } = check;
  if (typeof name !== "string" || !PLUGIN_NAME.test(name)) return "has no name of lower-case words";
  if (typeof title !== "string" || title === "") return `(${name}) has no title`;
  return typeof check["run"] === "function" ? undefined : `(${name}) has no run`;
};

const serviceProblem: Check = (service) => {
  if (!isNamed(service["key"])) return "has no key with a name";
  return typeof service["create"] === "function" ? undefined : "has no create";
};

const named = (method: string): Check => (entry) => {
  if (!isNamed(entry)) return "has no name";
  return typeof entry[method as keyof typeof entry] === "function" ? undefined : `has no ${method}`;
};

/** Its name is a choice on command lines. */
const signInProblem: Check = (provider) => {
  const problem = named("signIn")(provider);
  if (problem !== undefined || PLUGIN_NAME.test(String(provider["name"]))) return problem;
  return "has a name that is not lower-case words with hyphens";
};

function errorsProblem(errors: unknown): string | undefined {
  if (errors === undefined) return undefined;
  if (!isRecord(errors)) return "errors is not an object";
  for (const [code, definition] of Object.entries(errors)) {
    if (!PLUGIN_NAME.test(code)) return `the error code ${code} is not lower-case words`;
    if (
      !isRecord(definition) || typeof definition["message"] !== "string" ||
      typeof definition["hint"] !== "string" ||
      !Object.hasOwn(exitKinds, String(definition["exit"]))
    ) {
      return `the error ${code} lacks a message, a hint or a known exit`;
    }
  }
  return undefined;
}

function hooksProblem(hooks: unknown): string | undefined {
  if (hooks === undefined) return undefined;
  if (!isRecord(hooks)) return "hooks is not an object";
  for (const [name, hook] of Object.entries(hooks)) {
    if (!Object.hasOwn(hookTable, name)) return `there is no hook ${name}`;
    if (typeof hook === "function") continue;
    if (!isRecord(hook) || typeof hook["handler"] !== "function") {
      return `the hook ${name} is no function`;
    }
    if (hook["order"] !== "pre" && hook["order"] !== "post") {
      return `the order of the hook ${name} is neither pre nor post`;
    }
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): value is { readonly name: string } {
  return isRecord(value) && typeof value["name"] === "string" && value["name"] !== "";
}
