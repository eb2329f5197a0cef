/** Tokens on disk, for all runs of the user's: one private file for each. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import type { BastionError } from "../../errors.ts";
import { withFileLock } from "../../file_lock.ts";
import { keepFailure, readFailure } from "../../kept_failure.ts";
import type { Platform } from "../../platform.ts";
import { ensurePrivateDirectory } from "../../private_directory.ts";
import { plainPrivateFile, privateFile } from "../../private_file.ts";
import { isRecord } from "../../record.ts";
import { Secret } from "../../secret.ts";
import type { AccessToken } from "./credential.ts";

export interface StoredToken {
  readonly access: AccessToken;
  /** When it was had, in milliseconds since 1970. */
  readonly renewed: number;
}

export interface TokenStore {
  /**
   * The token that was kept under `key`, whatever is left of its life.
   * @throws BastionError `private-file-unsafe`, `file-failed`
   */
  read(key: string): Promise<StoredToken | undefined>;
  /** @throws BastionError `private-directory-unsafe`, `file-failed` */
  write(key: string, token: StoredToken): Promise<void>;
  /**
   * What the last renewal failed with, where that was after `since` (milliseconds since
   * 1970): the answer for all that were waiting for it.
   */
  readFailure(key: string, since: number): Promise<BastionError | undefined>;
  /** For {@linkcode readFailure}; an error that is not for other runs is not kept. */
  writeFailure(key: string, error: unknown): Promise<void>;
  /**
   * Runs `work` while no other run of the user's renews the token of `key`.
   * @throws BastionError `file-locked` where another one has been at it for too long, `file-failed`
   */
  locked<Value>(key: string, work: () => Promise<Value>): Promise<Value>;
}

/**
 * Somebody else's renewal is waited for so long, in ms; then we ask ourselves. It is longer than a
 * renewal may take (token_cache.ts): only a run that is stopped holds up the others for as long.
 */
const LOCK_TIMEOUT = 65_000;

export function tokenStore(directory: string, platform: Platform, clock: Clock): TokenStore {
  // Keys name people and tenants: in the file's name they are hashed.
  const pathOf = (key: string) => join(directory, createHash("sha256").update(key).digest("hex"));
  const fileOf = (key: string) => privateFile(`${pathOf(key)}.json`, platform);
  const failureOf = (key: string) => plainPrivateFile(`${pathOf(key)}.failure.json`, platform);
  const now = () => clock.date().getTime();
  return {
    async read(key) {
      const text = await fileOf(key).read();
      return text === undefined ? undefined : parse(text);
    },
    async write(key, { access: { token, expiresOn }, renewed }) {
      await fileOf(key).write(JSON.stringify({ token: token.reveal(), expiresOn, renewed }));
    },
    async readFailure(key, since) {
      const { at, failure } = parseRecord(await failureOf(key).read());
      // One from the future was written by a clock that went wrong.
      if (typeof at !== "number" || at <= since || at > now()) return undefined;
      return readFailure(failure);
    },
    async writeFailure(key, error) {
      const failure = keepFailure(error);
      if (failure) await failureOf(key).write(JSON.stringify({ at: now(), failure }));
    },
    async locked(key, work) {
      await ensurePrivateDirectory(directory, platform);
      return await withFileLock(`${pathOf(key)}.lock`, work, { clock, timeout: LOCK_TIMEOUT });
    },
  };
}

/** What cannot be read is as good as none: the token is asked for anew. */
function parse(text: string): StoredToken | undefined {
  const { token, expiresOn, renewed } = parseRecord(text);
  if (typeof token !== "string" || token === "") return undefined;
  if (typeof expiresOn !== "number" || typeof renewed !== "number") return undefined;
  return { access: { token: new Secret(token), expiresOn }, renewed };
}

function parseRecord(text: string | undefined): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text ?? "");
    return isRecord(document) ? document : {};
  } catch {
    return {};
  }
}
