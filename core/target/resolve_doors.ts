import type { Inventory } from "../azure/inventory.ts";
import type { HttpClient } from "../net/http_client.ts";
import type { Prompt } from "../prompt.ts";
import type { LookupCache } from "./lookup_cache.ts";
import type { TargetAlias } from "./target_alias.ts";
import type { TargetRequest } from "./target.ts";

/** What resolving a target needs of the rest of the program. */
export interface ResolveDoors {
  readonly http: HttpClient;
  readonly prompt: Prompt;
  /** By name, from the config file. */
  readonly aliases: ReadonlyMap<string, TargetAlias>;
  /** The plugins', in order. */
  readonly resolvers: readonly WordResolver[];
  env(name: string): string | undefined;
  inventory(): Promise<Inventory>;
  lookups(): Promise<LookupCache>;
  /** Id of the subscription that the user works in, where the account has one. */
  defaultSubscription(): Promise<string | undefined>;
}

/** A plugin's resolver with its context filled in. */
export interface WordResolver {
  readonly plugin: string;
  readonly name: string;
  resolve(word: string, signal?: AbortSignal): Promise<ResolvedWord | undefined>;
}

/** What a plugin says that a word means. */
export type ResolvedWord = Partial<Omit<TargetRequest, "signal" | "check">>;
