/** A directory for what one run of OpenSSH needs on disk: keys, answers, sockets, logs. */

import { join } from "node:path";
import type { PluginContext } from "../../../core/mod.ts";

/** 0700; disposing of it removes it with all that is in it. */
export interface RunDirectory extends AsyncDisposable {
  readonly path: string;
}

const PREFIX = "ssh-";
/** ssh has long signed in after so many ms, and reads nothing of it any more. */
const NEEDED = 24 * 60 * 60 * 1000;

export async function openRunDirectory(
  { platform, clock }: Pick<PluginContext, "platform" | "clock">,
): Promise<RunDirectory> {
  const { stateDirectory } = platform;
  await Deno.mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  await removeLeft(stateDirectory, clock.date().getTime());
  const path = await Deno.makeTempDir({ dir: stateDirectory, prefix: PREFIX });
  return { path, [Symbol.asyncDispose]: () => remove(path) };
}

/** A run that was killed could not remove its own: there may be a password in it. */
async function removeLeft(stateDirectory: string, now: number): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(stateDirectory)) {
    if (!isDirectory || !name.startsWith(PREFIX)) continue;
    const path = join(stateDirectory, name);
    try {
      const { mtime } = await Deno.lstat(path);
      if (mtime && now - mtime.getTime() > NEEDED) await remove(path);
    } catch {
      // Its owner was faster; or it cannot be removed, and is no reason to stay out of the VM.
    }
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
