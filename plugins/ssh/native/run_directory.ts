/** A directory for what one run of OpenSSH needs on disk: keys, answers, sockets, logs. */

import { join } from "node:path";
import type { PluginContext } from "../../../core/mod.ts";
import { openStateDirectory } from "../state_directory.ts";

/** 0700; disposing of it removes it with all that is in it. */
export interface RunDirectory extends AsyncDisposable {
  readonly path: string;
}

const PREFIX = "ssh-";
/** Locked as long as its run lasts; the system gives it back however that ends. */
const LOCK = "lock";
/** Where no lock tells (Deno before 2.7), ssh has long signed in after so many ms. */
const NEEDED = 24 * 60 * 60 * 1000;

export async function openRunDirectory(
  ctx: Pick<PluginContext, "platform" | "clock" | "error">,
): Promise<RunDirectory> {
  const stateDirectory = await openStateDirectory(ctx);
  await removeLeft(stateDirectory, ctx.clock.date().getTime());
  const path = await Deno.makeTempDir({ dir: stateDirectory, prefix: PREFIX });
  const draft = join(path, `${LOCK}.new`);
  const lock = await Deno.open(draft, { createNew: true, write: true, mode: 0o600 });
  tryLock(lock);
  // Only now, so that none who looks for it finds it free.
  await Deno.rename(draft, join(path, LOCK));
  return {
    path,
    async [Symbol.asyncDispose]() {
      // Windows removes no file that is open.
      lock.close();
      await remove(path);
    },
  };
}

/** A run that was killed could not remove its own: there may be a password in it. */
async function removeLeft(stateDirectory: string, now: number): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(stateDirectory)) {
    if (!isDirectory || !name.startsWith(PREFIX)) continue;
    const path = join(stateDirectory, name);
    try {
      if (await isLeft(path, now)) await remove(path);
    } catch {
      // Its owner was faster; or it cannot be removed, and is no reason to stay out of the VM.
    }
  }
}

async function isLeft(directory: string, now: number): Promise<boolean> {
  const { mtime } = await Deno.lstat(directory);
  const old = mtime !== null && now - mtime.getTime() > NEEDED;
  try {
    using lock = await Deno.open(join(directory, LOCK), { write: true });
    return tryLock(lock) ?? old;
  } catch (error) {
    // Its owner may be about to make one.
    if (error instanceof Deno.errors.NotFound) return old;
    throw error;
  }
}

/** Undefined where that cannot be known. */
function tryLock(file: Deno.FsFile): boolean | undefined {
  // Missing before Deno 2.7, whatever the types say.
  if (typeof file.tryLockSync !== "function") return undefined;
  try {
    return file.tryLockSync(true);
  } catch {
    // Some network file systems have no locks.
    return undefined;
  }
}

async function remove(directory: string): Promise<void> {
  try {
    await Deno.remove(directory, { recursive: true });
  } catch (error) {
    // Another run has, after so long a session.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
