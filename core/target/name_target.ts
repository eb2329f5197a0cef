/** What the user named: by flags, as an id or address, by an alias, by a plugin, or by a VM's name. */

import type { ResourceId } from "../azure/resource_id.ts";
import { bastionError, isBastionError, messageOf } from "../errors.ts";
import { printable } from "../secret.ts";
import {
  type NameReading,
  parseTargetWord,
  readIpAddress,
  readResourceId,
  splitUser,
} from "./grammar.ts";
import type { ResolvedWord, WordResolver } from "./resolve_doors.ts";
import type { TargetAlias } from "./target_alias.ts";
import type { TargetRequest } from "./target.ts";

/** What is to be looked for, with all that was said about it. */
export interface NamedTarget {
  readonly what: Named;
  /** The request, with what alias or plugin say where the user said nothing. */
  readonly request: Omit<TargetRequest, "word" | "resourceId" | "ipAddress">;
  readonly user?: string;
  /** Who knew the word, in sentences for the user. */
  readonly notes: readonly string[];
}

export type Named =
  | { readonly kind: "id"; readonly id: ResourceId }
  | { readonly kind: "ip"; readonly address: string }
  | {
    readonly kind: "name";
    readonly word: string;
    readonly readings: readonly NameReading[];
    /** Who was asked, and did not know it. */
    readonly asked: readonly string[];
  }
  | { readonly kind: "nothing" };

export interface NameDoors {
  readonly aliases: ReadonlyMap<string, TargetAlias>;
  readonly resolvers: readonly WordResolver[];
}

/**
 * @throws BastionError `usage`; `plugin-failed` where a plugin's resolver fails
 */
export async function nameTarget(given: TargetRequest, doors: NameDoors): Promise<NamedTarget> {
  const { word, resourceId, ipAddress, ...request } = given;
  if ([word, resourceId, ipAddress].filter((way) => way !== undefined).length > 1) {
    throw bastionError("usage", {
      problem: "Two targets are named.",
      remedy: "Give one: TARGET, --target-resource-id or --target-ip-address.",
    });
  }
  if (resourceId !== undefined) {
    return { what: { kind: "id", id: readResourceId(resourceId) }, request, notes: [] };
  }
  if (ipAddress !== undefined) {
    return { what: { kind: "ip", address: readIpAddress(ipAddress) }, request, notes: [] };
  }
  if (word === undefined) return { what: { kind: "nothing" }, request, notes: [] };
  const parsed = parseTargetWord(word);
  if (parsed.kind !== "name") return { what: parsed, request, notes: [] };
  const alias = doors.aliases.get(word);
  if (alias === undefined) {
    return await askPlugins({ word, request, notes: [] }, doors.resolvers, ["the aliases"]);
  }
  const { target, more } = readAlias(alias);
  const { user, word: meant } = splitUser(target);
  const known = {
    request: withDefaults(request, more),
    notes: [`${word} is an alias of ${target}.`],
    ...(user === undefined ? {} : { user }),
    ...(typeof alias === "string" || alias.user === undefined ? {} : { user: alias.user }),
  };
  const aliased = parseTargetWord(meant);
  if (aliased.kind !== "name") return { ...known, what: aliased };
  return await askPlugins({ ...known, word: meant }, doors.resolvers, []);
}

function readAlias(alias: TargetAlias): { target: string; more: ResolvedWord } {
  if (typeof alias === "string") return { target: alias, more: {} };
  const { target, bastion, subscription } = alias;
  const group = alias["resource-group"];
  const port = alias["resource-port"];
  return {
    target,
    more: {
      ...(bastion === undefined ? {} : { bastionHost: bastion }),
      ...(group === undefined ? {} : { resourceGroup: group }),
      ...(subscription === undefined ? {} : { subscription }),
      ...(port === undefined ? {} : { port }),
    },
  };
}

/** What the user said goes before; a host that he named takes nothing of another's. */
function withDefaults<Request extends TargetRequest>(request: Request, more: ResolvedWord) {
  const { bastionHost, resourceGroup, ...others } = more;
  const host = request.bastionHost !== undefined ? {} : {
    ...(bastionHost === undefined ? {} : { bastionHost }),
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
  };
  return { ...others, ...host, ...request };
}

type Unresolved = Omit<NamedTarget, "what"> & { readonly word: string };

async function askPlugins(
  { word, ...known }: Unresolved,
  resolvers: readonly WordResolver[],
  askedBefore: readonly string[],
): Promise<NamedTarget> {
  for (const resolver of resolvers) {
    const answer = await ask(resolver, word, known.request.signal);
    if (answer === undefined) continue;
    const { resourceId, ipAddress, word: name, ...more } = answer;
    const said = resourceId ?? ipAddress ?? name ?? "";
    const what = readAnswer(answer, resolver);
    return {
      ...known,
      // The plugin's word is a name: who knew the first one is not asked for another.
      what: what.kind === "name" ? { ...what, asked: [] } : what,
      request: withDefaults(known.request, more),
      notes: [
        ...known.notes,
        `${word} is ${printable(said, 300)}, by ${resolver.name} of the plugin ${resolver.plugin}.`,
      ],
    };
  }
  const parsed = parseTargetWord(word);
  if (parsed.kind !== "name") return { ...known, what: parsed };
  const asked = [
    ...askedBefore,
    ...resolvers.map(({ plugin, name }) => `${name} (plugin ${plugin})`),
  ];
  return { ...known, what: { ...parsed, asked } };
}

async function ask(
  resolver: WordResolver,
  word: string,
  signal: AbortSignal | undefined,
): Promise<ResolvedWord | undefined> {
  try {
    return readAnswerFields(await resolver.resolve(word, signal));
  } catch (error) {
    signal?.throwIfAborted();
    // What a plugin means to say is said as it stands.
    if (isBastionError(error)) throw error;
    throw failed(resolver, messageOf(error), error);
  }
}

/** Whatever a plugin hands over, of what was asked for only, and of the right types. */
function readAnswerFields(answer: unknown): ResolvedWord | undefined {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer !== "object") throw new TypeError("its answer is no object");
  const fields = new Map<string, unknown>(Object.entries(answer));
  const text = (name: string) => {
    const value = fields.get(name);
    if (value === undefined || typeof value === "string") return value;
    throw new TypeError(`its answer's ${name} is no text`);
  };
  const port = fields.get("port");
  if (port !== undefined && !isPort(port)) throw new TypeError("its answer's port is none");
  const names = [
    ...["word", "resourceId", "ipAddress"],
    ...["bastionHost", "resourceGroup", "subscription"],
  ];
  const texts = names.flatMap((name) => {
    const value = text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(texts), ...(port === undefined ? {} : { port }) };
}

function readAnswer(answer: ResolvedWord, resolver: WordResolver) {
  const { resourceId, ipAddress, word } = answer;
  try {
    if (resourceId !== undefined) return { kind: "id", id: readResourceId(resourceId) } as const;
    if (ipAddress !== undefined) {
      return { kind: "ip", address: readIpAddress(ipAddress) } as const;
    }
    if (word !== undefined) return parseTargetWord(word);
  } catch (error) {
    throw failed(resolver, messageOf(error), error);
  }
  throw failed(resolver, "its answer names no target");
}

function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535;
}

function failed({ plugin, name }: WordResolver, problem: string, cause?: unknown): Error {
  return bastionError("plugin-failed", { plugin, hook: `target resolver ${name}`, problem }, cause);
}
