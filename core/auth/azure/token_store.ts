/** Tokens on disk, for all runs of the user's: one private file for each. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import { withFileLock } from "../../file_lock.ts";
import type { Platform } from "../../platform.ts";
import { ensurePrivateDirectory } from "../../private_directory.ts";
import { privateFile } from "../../private_file.ts";
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
   * Runs `work` while no other run of the user's renews the token of `key`.
   * @throws BastionError `file-locked` where another one has been at it for too long, `file-failed`
   */
  locked<Value>(key: string, work: () => Promise<Value>): Promise<Value>;
}

/** Somebody else's renewal is waited for so long, in ms; then we ask ourselves. */
const LOCK_TIMEOUT = 20_000;

export function tokenStore(directory: string, platform: Platform, clock: Clock): TokenStore {
  // Keys name people and tenants: in the file's name they are hashed.
  const pathOf = (key: string) => join(directory, createHash("sha256").update(key).digest("hex"));
  const fileOf = (key: string) => privateFile(`${pathOf(key)}.json`, platform);
  return {
    async read(key) {
      const text = await fileOf(key).read();
      return text === undefined ? undefined : parse(text);
    },
    async write(key, { access: { token, expiresOn }, renewed }) {
      await fileOf(key).write(JSON.stringify({ token: token.reveal(), expiresOn, renewed }));
    },
    async locked(key, work) {
      await ensurePrivateDirectory(directory, platform);
      return await withFileLock(`${pathOf(key)}.lock`, work, { clock, timeout: LOCK_TIMEOUT });
    },
  };
}

/** What cannot be read is as good as none: the token is asked for anew. */
function parse(text: string): StoredToken | undefined {
  try {
    const document: unknown = JSON.parse(text);
    const { token, expiresOn, renewed } = isRecord(document) ? document : {};
    if (typeof token !== "string" || token === "") return undefined;
    if (typeof expiresOn !== "number" || typeof renewed !== "number") return undefined;
    return { access: { token: new Secret(token), expiresOn }, renewed };
  } catch {
    return undefined;
  }
}
