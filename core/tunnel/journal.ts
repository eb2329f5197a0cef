/**
 * Remembers the open sessions on disk, so that the next start can delete what a kill -9 left.
 *
 * One file a process, 0600 in a 0700 directory, locked while the process lives: the system gives
 * the lock back however the process ends, so that a file that can be locked has lost its owner.
 * Lines are JSON: `{"open": id, …}` and `{"closed": id}`.
 */

import { isBastionError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Platform } from "../platform.ts";
import { ensurePrivateDirectory } from "../private_directory.ts";
import { Secret } from "../secret.ts";

/** What names a session to the service, and what the journal keeps. */
export interface SessionKey {
  readonly endpoint: string;
  readonly authToken: Secret;
  readonly nodeId: string;
}

export interface Journal {
  /** Notes an open session; `closed` notes its end. */
  opened(key: SessionKey): { closed(): void };
  /**
   * Calls `remove` for each session that a dead process left, and forgets those for which it
   * resolves to true.
   */
  recover(remove: (key: SessionKey) => Promise<boolean>): Promise<void>;
  close(): void;
}

/** The service has forgotten a session of this age (ms) by itself. */
const MAX_AGE = 24 * 60 * 60 * 1000;
const SUFFIX = ".sessions";
/** A file that is longer than this is not one of ours. */
const MAX_FILE = 16 * 1024 * 1024;

/** A journal in `directory`. Where it cannot be kept, that is logged, and nothing is remembered. */
export async function openJournal(
  directory: string,
  platform: Platform,
  log: Logger,
): Promise<Journal> {
  let file: { handle: Deno.FsFile; path: string } | undefined;
  let tried = false;
  let next = 1;
  try {
    await ensurePrivateDirectory(directory, platform);
  } catch (error) {
    // Where others may read or write, nothing is written, and nothing believed.
    const hint = isBastionError(error) ? { hint: error.hint } : {};
    log.warning("open sessions cannot be remembered on disk", {
      problem: messageOf(error),
      ...hint,
    });
    return { opened: () => ({ closed() {} }), recover: () => Promise.resolve(), close() {} };
  }
  const open = new Set<number>();

  /** Made when the first session opens. It gets its name when it is locked, not before. */
  function ownFile(): typeof file {
    if (tried) return file;
    tried = true;
    try {
      const name = `${directory}/${Deno.pid}-${crypto.randomUUID()}`;
      const handle = Deno.openSync(name, { createNew: true, append: true, mode: 0o600 });
      if (!handle.tryLockSync(true)) throw new Error("the new file is locked");
      Deno.renameSync(name, name + SUFFIX);
      file = { handle, path: name + SUFFIX };
    } catch (error) {
      log.warning("open sessions cannot be remembered on disk", { problem: messageOf(error) });
    }
    return file;
  }

  function append(line: unknown): void {
    const own = ownFile();
    if (!own) return;
    try {
      own.handle.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
    } catch (error) {
      log.warning("an open session cannot be remembered", { problem: messageOf(error) });
    }
  }

  return {
    opened(key) {
      const id = next++;
      open.add(id);
      append({
        open: id,
        time: Date.now(),
        endpoint: key.endpoint,
        nodeId: key.nodeId,
        authToken: key.authToken.reveal(),
      });
      return {
        closed() {
          if (!open.delete(id)) return;
          if (open.size > 0) return append({ closed: id });
          // Nothing is owed: what was written is not kept.
          try {
            file?.handle.truncateSync(0);
          } catch {
            append({ closed: id });
          }
        },
      };
    },

    async recover(remove) {
      for await (const entry of Deno.readDir(directory)) {
        if (entry.isFile && entry.name.endsWith(SUFFIX)) {
          await recoverFile(`${directory}/${entry.name}`, remove, log);
        }
      }
    },

    close() {
      if (!file) return;
      const { handle, path } = file;
      file = undefined;
      if (open.size === 0) Deno.removeSync(path);
      handle.close();
    },
  };
}

/** Deletes what one dead process left; a living one's file is locked and stays as it is. */
async function recoverFile(
  path: string,
  remove: (key: SessionKey) => Promise<boolean>,
  log: Logger,
): Promise<void> {
  try {
    using handle = await Deno.open(path, { read: true, write: true });
    if (!await handle.tryLock(true)) return;
    const { size } = await handle.stat();
    const left = size > MAX_FILE ? [] : readEntries(await Deno.readTextFile(path));
    const done = await Promise.all(left.map(async (key) => {
      using _token = key.authToken;
      return await remove(key);
    }));
    if (left.length > 0) {
      log.info("deleted sessions that an earlier run left", {
        deleted: done.filter(Boolean).length,
        left: done.filter((gone) => !gone).length,
      });
    }
    if (done.every(Boolean)) await Deno.remove(path);
  } catch (error) {
    log.debug("a session journal was passed over", { problem: messageOf(error) });
  }
}

/** The sessions that were opened and not closed. A line that makes no sense is passed over. */
function readEntries(text: string): SessionKey[] {
  const open = new Map<unknown, SessionKey>();
  for (const line of text.split("\n")) {
    let entry: Record<string, unknown>;
    try {
      entry = JSON.parse(line);
    } catch {
      // The last line may be cut: the process died while it wrote.
      continue;
    }
    if (typeof entry !== "object" || entry === null) continue;
    if ("closed" in entry) open.delete(entry["closed"]);
    const { endpoint, nodeId, authToken, time } = entry;
    if (
      typeof endpoint === "string" && typeof nodeId === "string" &&
      typeof authToken === "string" && typeof time === "number" && Date.now() - time < MAX_AGE
    ) {
      open.set(entry["open"], { endpoint, nodeId, authToken: new Secret(authToken) });
    }
  }
  return [...open.values()];
}
