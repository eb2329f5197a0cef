/** Resolving targets in a world of two subscriptions, as far as a test does not change it. */

import { type FakeAnswer, fakeHttp } from "./fake_http.ts";
import { type FakeAzure, fakeHost, fakeInventory, fakeMachine } from "./fake_inventory.ts";
import { noPrompt } from "../../core/no_prompt.ts";
import type { Prompt } from "../../core/prompt.ts";
import type { LookupCache, LookupKey } from "../../core/target/lookup_cache.ts";
import { resolveTarget } from "../../core/target/resolve.ts";
import type { WordResolver } from "../../core/target/resolve_doors.ts";
import type { TargetRequest } from "../../core/target/target.ts";
import type { TargetAlias } from "../../core/target/target_alias.ts";

export const DEV = "aaaaaaaa-0000-0000-0000-000000000001";
export const PROD = "aaaaaaaa-0000-0000-0000-000000000002";
export const SUBSCRIPTIONS = [{ id: DEV, name: "dev" }, { id: PROD, name: "prod" }];
export const WEB = fakeMachine("web1", { subscription: PROD });
export const HUB = fakeHost("hub", { subscription: PROD, network: "/vnets/spoke" });
export const hostId = (subscription: string, group = "net", name = "hub") =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/bastionHosts/${name}`;

export interface World extends FakeAzure {
  readonly variables?: Readonly<Record<string, string>>;
  readonly defaultSubscription?: string;
  /** What the data plane answers. */
  readonly dataPlane?: () => FakeAnswer;
  readonly aliases?: Readonly<Record<string, TargetAlias>>;
  readonly resolvers?: readonly WordResolver[];
  readonly prompt?: Prompt;
  /** Answers of earlier runs, by the key's first and last word. */
  readonly kept?: Map<string, unknown>;
}

export function resolving(world: World = {}) {
  const azure: World = {
    subscriptions: SUBSCRIPTIONS,
    machines: [WEB],
    hosts: [HUB, fakeHost("hub", { subscription: DEV })],
    ...world,
  };
  const inventory = fakeInventory(azure);
  const http = fakeHttp(azure.dataPlane ?? (() => ({ status: 404 })));
  const forgotten: LookupKey[] = [];
  const kept = azure.kept ?? new Map<string, unknown>();
  const nameOf = (key: LookupKey) => `${key[0]} ${key.at(-1)}`;
  const lookups: LookupCache = {
    async get({ key, is, look }) {
      const value = kept.get(nameOf(key));
      return is(value) ? { value, kept: true } : { value: await look(), kept: false };
    },
    forget(keys) {
      forgotten.push(...keys);
      for (const key of keys) kept.delete(nameOf(key));
      return Promise.resolve();
    },
    forgetResources: () => Promise.resolve(),
  };
  const resolve = (request: TargetRequest) =>
    resolveTarget(request, {
      http,
      prompt: azure.prompt ?? noPrompt,
      aliases: new Map(Object.entries(azure.aliases ?? {})),
      resolvers: azure.resolvers ?? [],
      env: (name) => azure.variables?.[name],
      inventory: () => Promise.resolve(inventory),
      lookups: () => Promise.resolve(lookups),
      defaultSubscription: () => Promise.resolve(azure.defaultSubscription),
    });
  return { resolve, http, forgotten, asked: inventory.asked };
}

/** The VM by its id, through the host by name and group. */
export const request: TargetRequest = {
  resourceId: WEB.id,
  port: 22,
  bastionHost: "hub",
  resourceGroup: "net",
};
const { resourceId: _, ...rest } = request;
/** No target, only the host. */
export const withoutTarget: TargetRequest = rest;
/** The VM by a word alone. */
export const byWord = (word: string): TargetRequest => ({ word, port: 22 });
