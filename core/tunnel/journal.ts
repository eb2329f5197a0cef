/**
 * Remembers the open sessions on disk, so that the next start can delete what a kill -9 left.
 *
 * One file a process, 0600 in a 0700 directory, locked while the process lives: the system gives
 * the lock back however the process ends, so that a file that can be locked has lost its owner.
 * Lines are JSON: `{"open": id, …}` and `{"closed": id}`. All reading and writing goes through the
 * locked handle: on Windows nobody else gets in, another handle of our own included.
 */

import { isBastionError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Platform } from "../platform.ts";
import { ensurePrivateDirectory } from "../private_directory.ts";
import { isRecord } from "../record.ts";
import { Secret } from "../secret.ts";
import { Gate } from "./gate.ts";

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
const MAX_FILE = 64 * 1024 * 1024;
/** So many lines that say nothing any more are left before the file is written anew. */
const MAX_STALE = 1_000;
/** Sessions that are deleted at a time. */
const REMOVALS = 16;

/** A journal in `directory`. Where it cannot be kept, that is logged, and nothing is remembered. */
export async function openJournal(
  directory: string,
  platform: Platform,
  log: Logger,
): Promise<Journal> {
  let file: { handle: Deno.FsFile; path: string } | undefined;
  let complained = false;
  let next = 1;
  /** The lines of the sessions that are open, and how many others are in the file. */
  const open = new Map<number, string>();
  let stale = 0;

  function complain(error: unknown): void {
    if (complained) return;
    complained = true;
    log.warning("open sessions cannot be remembered on disk", {
      problem: messageOf(error),
      ...(isBastionError(error) ? { hint: error.hint } : {}),
    });
  }

  try {
    await ensurePrivateDirectory(directory, platform);
  } catch (error) {
    // Where others may read or write, nothing is written, and nothing believed.
    complain(error);
    return { opened: () => ({ closed() {} }), recover: () => Promise.resolve(), close() {} };
  }

  /** Made when the first session opens. It gets its name when it is locked, not before. */
  function createFile(): { handle: Deno.FsFile; path: string } {
    const draft = `${directory}/${Deno.pid}-${crypto.randomUUID()}`;
    const handle = Deno.openSync(draft, { createNew: true, read: true, write: true, mode: 0o600 });
    try {
      if (!handle.tryLockSync(true)) throw new Error("the new file is locked by somebody else");
      Deno.renameSync(draft, draft + SUFFIX);
    } catch (error) {
      handle.close();
      throw error;
    }
    return { handle, path: draft + SUFFIX };
  }

  function write(lines: readonly string[]): void {
    try {
      file ??= createFile();
      writeAll(file.handle, new TextEncoder().encode(lines.join("")));
    } catch (error) {
      complain(error);
    }
  }

  /** Nothing but what is open; nothing at all where nothing is owed. */
  function writeAnew(): void {
    try {
      file?.handle.truncateSync(0);
      file?.handle.seekSync(0, Deno.SeekMode.Start);
      stale = 0;
    } catch (error) {
      complain(error);
    }
    if (open.size > 0) write([...open.values()]);
  }

  return {
    opened(key) {
      const id = next++;
      const line = `${
        JSON.stringify({
          open: id,
          time: Date.now(),
          endpoint: key.endpoint,
          nodeId: key.nodeId,
          authToken: key.authToken.reveal(),
        })
      }\n`;
      open.set(id, line);
      write([line]);
      return {
        closed() {
          if (!open.delete(id)) return;
          stale += 2;
          if (open.size === 0 || stale > MAX_STALE + open.size) writeAnew();
          else write([`${JSON.stringify({ closed: id })}\n`]);
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
      handle.close();
      if (open.size === 0) Deno.removeSync(path);
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
    let allGone = true;
    {
      using handle = await Deno.open(path, { read: true, write: true });
      if (!await handle.tryLock(true)) return;
      const { size } = await handle.stat();
      const left = size > MAX_FILE ? [] : readEntries(await readAll(handle, size));
      const gate = new Gate(REMOVALS);
      const done = await Promise.all(left.map(async (key) => {
        const leave = await gate.enter(new AbortController().signal);
        using _token = key.authToken;
        try {
          return await remove(key);
        } finally {
          leave();
        }
      }));
      if (left.length > 0) {
        log.info("deleted sessions that an earlier run left", {
          deleted: done.filter(Boolean).length,
          left: done.filter((gone) => !gone).length,
        });
      }
      allGone = done.every(Boolean);
    }
    if (allGone) await Deno.remove(path);
  } catch (error) {
    log.debug("a session journal was passed over", { problem: messageOf(error) });
  }
}

function writeAll(handle: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += handle.writeSync(bytes.subarray(at));
}

async function readAll(handle: Deno.FsFile, size: number): Promise<string> {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const n = await handle.read(bytes.subarray(length));
    if (n === null) break;
    length += n;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

/** The sessions that were opened and not closed. A line that makes no sense is passed over. */
function readEntries(text: string): SessionKey[] {
  const open = new Map<unknown, SessionKey>();
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (!entry) continue;
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

/** The last line may be cut: the process died while it wrote. */
function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line);
    return isRecord(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}
