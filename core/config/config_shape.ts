/**
 * What may stand in a config file, as data: checking, the JSON Schema and `config show` come from
 * it. It is made from the declarations of the options themselves, so that no option can be
 * forgotten here.
 */

import type { Command, Option, Plugin } from "../plugin/plugin.ts";

export type Shape =
  | { readonly kind: "option"; readonly option: Option }
  /** Keys that are known. */
  | { readonly kind: "keys"; readonly keys: ReadonlyMap<string, Member> }
  /** Keys that the user chooses. */
  | { readonly kind: "names"; readonly value: Shape }
  /** A text that stands for the first key, or the keys. */
  | { readonly kind: "short"; readonly option: Option; readonly keys: ReadonlyMap<string, Member> };

export interface Member {
  readonly summary: string;
  readonly shape: Shape;
  readonly required?: boolean;
}

export interface ShapeSources {
  readonly globalOptions: readonly Option[];
  /** By path, complete: with the options of target and extensions. */
  readonly commands: Iterable<Command>;
  readonly plugins: readonly Pick<Plugin, "name" | "configSchema">[];
}

/** They choose the file and the profile, or are meant for one run. */
const NOT_IN_FILE: readonly string[] = ["config", "profile", "refresh"];

const text = (name: string, placeholder: string, summary: string, required?: true): Option => ({
  name,
  type: "string",
  placeholder,
  summary,
  ...(required ? { required } : {}),
});

/** Options of the commands that may stand at the top, for all commands that have them. */
const sharedOptions: readonly Option[] = [
  text("bastion", "[GROUP/]HOST", "Bastion host for every command that leads to a target"),
  text("subscription", "NAME|ID", "Subscription for every command that takes one"),
];

const aliasOptions: readonly Option[] = [
  text("target", "TARGET", "What it stands for: resource id, IP address or name", true),
  text("bastion", "[GROUP/]HOST", "Bastion host that leads there"),
  text("resource-group", "GROUP", "Resource group of the bastion host"),
  text("subscription", "NAME|ID", "Subscription of the bastion host"),
  {
    name: "resource-port",
    type: "integer",
    placeholder: "PORT",
    min: 1,
    max: 65535,
    summary: "Port on the target",
  },
  text("user", "USER", "Who signs in to the VM"),
];

const cloudOptions: readonly Option[] = [
  text("resourceManager", "URL", "Azure Resource Manager", true),
  text("authority", "URL", "Microsoft Entra, or AD FS", true),
  text("audience", "URL", "What access tokens for Resource Manager are for", true),
  text("sshCertificateScope", "SCOPE", "Scope of certificates for signing in to Linux VMs"),
  text("portal", "URL", "The cloud's portal"),
  text("dataPodSuffix", "DOMAIN", "Domain of the data pods of the Developer SKU"),
  {
    name: "caFile",
    type: "path",
    placeholder: "FILE",
    summary: "PEM file that its certificates are verified against, too",
  },
];

export function configShape({ globalOptions, commands, plugins }: ShapeSources): Shape {
  const defaults = new Map<string, Member>();
  for (const { path, summary, options } of commands) {
    const shape = keysOf(options);
    if (shape.keys.size > 0) defaults.set(path, { summary, shape });
  }
  const slices = plugins.flatMap(({ name, configSchema = [] }): [string, Member][] =>
    configSchema.length === 0
      ? []
      : [[name, { summary: `Settings of the plugin ${name}`, shape: keysOf(configSchema) }]]
  );
  const general = new Map<string, Member>([
    ...keysOf(globalOptions.filter(({ name }) => !NOT_IN_FILE.includes(name))).keys,
    ...keysOf(sharedOptions).keys,
    ["defaults", {
      summary: "Options of single commands, by the command's name",
      shape: { kind: "keys", keys: defaults },
    }],
    ["aliases", {
      summary: "Names of your own for targets",
      shape: {
        kind: "names",
        value: {
          kind: "short",
          option: text("target", "TARGET", "What it stands for"),
          keys: keysOf(aliasOptions).keys,
        },
      },
    }],
    ["clouds", {
      summary: "Clouds that are not built in",
      shape: { kind: "names", value: keysOf(cloudOptions) },
    }],
    ["plugins", {
      summary: "Settings of plugins, by the plugin's name",
      shape: { kind: "keys", keys: new Map(slices) },
    }],
  ]);
  return {
    kind: "keys",
    keys: new Map<string, Member>([
      ...general,
      ["profile", {
        summary: "The profile that counts where --profile names none",
        shape: { kind: "option", option: text("profile", "NAME", "Profile") },
      }],
      ["profiles", {
        summary: "Sets of settings that go before the others",
        shape: { kind: "names", value: { kind: "keys", keys: general } },
      }],
    ]),
  };
}

function keysOf(options: readonly Option[]) {
  return {
    kind: "keys",
    keys: new Map<string, Member>(
      options.filter(({ env, secret }) => env !== false && secret === undefined).map((
        option,
      ) => [option.name, {
        summary: option.summary,
        shape: { kind: "option", option },
        ...(option.required ? { required: true } : {}),
      }]),
    ),
  } as const satisfies Shape;
}
