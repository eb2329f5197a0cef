/**
 * What was looked up in Azure, kept on disk for a while, so that the next start need not ask again,
 * and many starts at once ask once. Nothing secret is in it, but it says where tokens are sent: it
 * is kept as private as tokens are.
 */

import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { withFileLock } from "../file_lock.ts";
import { keepFailure, readFailure } from "../kept_failure.ts";
import type { Logger } from "../logger.ts";
import type { Platform } from "../platform.ts";
import { ensurePrivateDirectory } from "../private_directory.ts";
import { plainPrivateFile, type PrivateFile } from "../private_file.ts";
import { isRecord } from "../record.ts";

export interface LookupCache {
  /** What was found for `key` a short while ago, else what `look` finds now. */
  get<Value>(lookup: Lookup<Value>): Promise<Kept<Value>>;
  /** Forgets the answers to these keys: they have turned out wrong. */
  forget(keys: readonly LookupKey[]): Promise<void>;
  /** Forgets every answer in which one of these resource ids stands. */
  forgetResources(ids: readonly string[]): Promise<void>;
}

/** What is asked, in words that together are one of a kind. */
export type LookupKey = readonly string[];

export interface Lookup<Value> {
  readonly key: LookupKey;
  /** Whether what the file holds is such an answer. */
  is(value: unknown): value is Value;
  /** How long the answer counts, in ms; ten minutes where it is left out. */
  lifetime?(value: Value): number;
  /**
   * Asks Azure. Of other lookups it may ask for such alone as ask for none, and whose key begins with
   * another word: two that wait for each other would never end.
   */
  look(): Promise<Value>;
  readonly signal?: AbortSignal;
}

export interface Kept<Value> {
  readonly value: Value;
  /** Whether it was found earlier, so that it may be wrong by now. */
  readonly kept: boolean;
}

export interface LookupCacheOptions {
  /** The file; nothing is kept where it is left out. */
  readonly path?: string;
  /** Whose answers these are: cloud and credential, without secrets. */
  readonly identity: string;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether only answers count that were found since the program's start (`--refresh`). */
  readonly refresh?: boolean;
}

/** How long an answer counts, in ms. */
const LIFETIME = 600_000;
/** Answers that are kept; the oldest go. */
const MAX_ENTRIES = 500;
/** Lookups of a kind and identity that may go on at once: each has a lock file of its own. */
const LOCKS = 16;
/** A longer wait, in ms, than for the slowest lookup means that its process hangs. */
const PATIENCE = 60_000;

interface Entry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: unknown;
  /** In place of a value: for those that were waiting for it, not for who asks later. */
  readonly failure?: unknown;
}

export function createLookupCache(options: LookupCacheOptions): LookupCache {
  const { path, identity, platform, clock, log } = options;
  const now = () => clock.date().getTime();
  const start = now();
  if (path === undefined) return withoutFile;
  const file = plainPrivateFile(path, platform);

  // A cloud that does not answer holds up nobody who asks another one.
  const whose = createHash("sha256").update(identity).digest("hex").slice(0, 16);

  const keyOf = (key: LookupKey) => JSON.stringify([identity, ...key]);
  const lockOf = (key: LookupKey) =>
    `${path}.${whose}.${key[0]?.replaceAll(" ", "-")}-${bucketOf(keyOf(key))}.lock`;

  /**
   * @param asked when this run asked: what was found since then is as good as its own, failures too,
   * so that many that wait for each other do not ask one after the other
   */
  function answer<Value>(
    entries: Entries,
    { key, is, lifetime = () => LIFETIME }: Lookup<Value>,
    asked: number,
  ): Kept<Value> | undefined {
    const entry = entries.get(keyOf(key));
    if (!entry) return undefined;
    const { at, value, failure } = entry;
    // One from the future was written by a clock that went wrong.
    if (at > now()) return undefined;
    const meanwhile = at > asked;
    const failed = meanwhile ? readFailure(failure) : undefined;
    if (failed) throw failed;
    if (failure !== undefined || !is(value)) return undefined;
    if (meanwhile) return { value, kept: false };
    const counts = options.refresh ? at >= start : now() - at < lifetime(value);
    return counts ? { value, kept: true } : undefined;
  }

  async function change(edit: (entries: Entries) => void): Promise<void> {
    try {
      await ensurePrivateDirectory(dirname(path ?? ""), platform);
      await withFileLock(`${path}.lock`, async () => {
        const entries = await readOrNothing();
        edit(entries);
        await file.write(textOf(entries, now() - LIFETIME));
      }, { clock });
    } catch (error) {
      // What cannot be kept is looked up again.
      log.debug("lookups", { problem: messageOf(error) });
    }
  }

  return {
    async get<Value>(lookup: Lookup<Value>): Promise<Kept<Value>> {
      const asked = now();
      const kept = answer(await readOrNothing(), lookup, asked);
      if (kept) return kept;
      const keep = (entry: Omit<Entry, "at">) =>
        change((entries) => entries.set(keyOf(lookup.key), { at: now(), ...entry }));
      async function lookAndKeep(): Promise<Kept<Value>> {
        try {
          const value = await lookup.look();
          await keep({ value });
          return { value, kept: false };
        } catch (error) {
          // Who gives up has no answer for others.
          const failure = lookup.signal?.aborted ? undefined : keepFailure(error);
          if (failure) await keep({ value: null, failure });
          throw error;
        }
      }
      // What `look` fails with is the caller's; what the lock fails with means to do without it.
      let result: Promise<Kept<Value>> | undefined;
      const work = () =>
        result = (async () => {
          // Another process may have found it while this one waited.
          return answer(await readOrNothing(), lookup, asked) ?? await lookAndKeep();
        })();
      try {
        await ensurePrivateDirectory(dirname(path), platform);
        return await withFileLock(lockOf(lookup.key), work, {
          clock,
          timeout: PATIENCE,
          ...(lookup.signal ? { signal: lookup.signal } : {}),
        });
      } catch (error) {
        if (result) return await result;
        lookup.signal?.throwIfAborted();
        log.debug("lookups", { problem: messageOf(error) });
        return { value: await lookup.look(), kept: false };
      }
    },
    forget: (keys) =>
      change((entries) => {
        for (const key of keys) entries.delete(keyOf(key));
      }),
    forgetResources: (ids) =>
      change((entries) => {
        const wanted = ids.map((id) => JSON.stringify(id.toLowerCase()));
        for (const [key, { value }] of entries) {
          const text = JSON.stringify(value ?? null).toLowerCase();
          if (wanted.some((id) => text.includes(id))) entries.delete(key);
        }
      }),
  };

  async function readOrNothing(): Promise<Entries> {
    try {
      return await readEntries(file);
    } catch (error) {
      log.debug("lookups", { problem: messageOf(error) });
      return new Map();
    }
  }
}

type Entries = Map<string, Entry>;

const withoutFile: LookupCache = {
  get: async ({ look }) => ({ value: await look(), kept: false }),
  forget: () => Promise.resolve(),
  forgetResources: () => Promise.resolve(),
};

/** A file that cannot be made sense of is as good as none. */
async function readEntries(file: PrivateFile): Promise<Entries> {
  const entries: Entries = new Map();
  let document: unknown;
  try {
    document = JSON.parse(await file.read() ?? "");
  } catch (error) {
    if (error instanceof SyntaxError) return entries;
    throw error;
  }
  const all = isRecord(document) ? document["lookups"] : undefined;
  if (!isRecord(all)) return entries;
  for (const [key, entry] of Object.entries(all)) {
    if (!isRecord(entry)) continue;
    const { at, value, failure } = entry;
    if (typeof at === "number") entries.set(key, { at, value, failure });
  }
  return entries;
}

function textOf(entries: Entries, oldest: number): string {
  const kept = [...entries].filter(([, { at }]) => at > oldest)
    .sort(([, a], [, b]) => b.at - a.at)
    .slice(0, MAX_ENTRIES);
  return JSON.stringify({ lookups: Object.fromEntries(kept) });
}

function bucketOf(key: string): number {
  let sum = 0;
  for (let i = 0; i < key.length; i++) sum = (sum * 31 + key.charCodeAt(i)) >>> 0;
  return sum % LOCKS;
}
