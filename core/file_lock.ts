/** One process at a time: a lock that the system gives back however its holder ends. */

import type { Clock } from "./clock.ts";
import { bastionError, messageOf } from "./errors.ts";

export interface FileLockOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for another holder; 30,000 where it is left out. */
  readonly timeout?: number;
}

const TIMEOUT = 30_000;
/** Between two attempts, in ms: random within it, so that many that wait do not march in step. */
const PAUSE = 40;

/**
 * Runs `work` while no other process (nor another call of this one) holds the lock on `path`: a
 * file of its own, which is made where it is missing and stays. Its directory must exist.
 *
 * The system would wait in a thread that nobody can call back; so the lock is tried again and again.
 * @throws BastionError `file-locked` after the timeout, `file-failed`; the signal's reason
 */
export async function withFileLock<Value>(
  path: string,
  work: () => Promise<Value>,
  { clock, signal, timeout = TIMEOUT }: FileLockOptions,
): Promise<Value> {
  signal?.throwIfAborted();
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
  } catch (error) {
    throw failed(path, "opened", error);
  }
  try {
    const end = clock.now() + timeout;
    while (!tryLock(file, path)) {
      if (clock.now() >= end) {
        throw bastionError("file-locked", { file: path, seconds: timeout / 1000 });
      }
      await clock.sleep(PAUSE / 2 + Math.random() * PAUSE / 2, signal);
    }
    return await work();
  } finally {
    // Closing gives the lock back.
    file.close();
  }
}

function tryLock(file: Deno.FsFile, path: string): boolean {
  // Missing before Deno 2.7, whatever the types say.
  if (typeof file.tryLockSync !== "function") {
    throw failed(path, "locked", new Error("this runtime has no locks that can be tried"));
  }
  try {
    return file.tryLockSync(true);
  } catch (error) {
    // Some network file systems have no locks.
    throw failed(path, "locked", error);
  }
}

function failed(file: string, action: string, error: unknown): Error {
  return bastionError("file-failed", { file, action, problem: messageOf(error) }, error);
}
