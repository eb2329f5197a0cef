/** The one file of `bastion login`, shared by all runs of the program. */

import { dirname, join } from "node:path";
import type { ICachePlugin } from "@azure/msal-node";
import type { Clock } from "../../../clock.ts";
import { bastionError } from "../../../errors.ts";
import { withFileLock } from "../../../file_lock.ts";
import type { Platform } from "../../../platform.ts";
import { ensurePrivateDirectory } from "../../../private_directory.ts";
import { privateFile } from "../../../private_file.ts";
import { type LoginState, nothing, readState, writeState } from "./login_state.ts";

export interface LoginFile {
  readonly path: string;
  /** @throws BastionError `login-file-invalid`, `private-file-unsafe`, `file-failed` */
  read(): Promise<LoginState>;
  /** Reads, changes and writes while no other run does. */
  update(change: (state: LoginState) => LoginState): Promise<void>;
  /**
   * Lets MSAL keep its cache in the file. From before a change until after it the lock is held, so
   * that what another run has written meanwhile is in what MSAL changes.
   */
  readonly cachePlugin: ICachePlugin;
}

export interface LoginFileOptions {
  readonly platform: Platform;
  readonly clock: Clock;
  /** What is in the file is used, and nothing is written to it. */
  readonly memoryOnly: boolean;
}

export function openLoginFile({ platform, clock, memoryOnly }: LoginFileOptions): LoginFile {
  const path = join(platform.stateDirectory, "login.json");
  const file = privateFile(path, platform);
  /** In place of the file, where nothing may be written. */
  let memory: LoginState | undefined;

  async function read(): Promise<LoginState> {
    if (memory) return memory;
    const text = await file.read();
    const state = text === undefined ? nothing : readState(text);
    if (!state) throw bastionError("login-file-invalid", { path });
    return state;
  }

  async function write(state: LoginState): Promise<void> {
    if (memoryOnly) memory = state;
    else await file.write(writeState(state));
  }

  async function locked(work: () => Promise<void>): Promise<void> {
    if (memoryOnly) return await work();
    // The lock is beside the file, which is exchanged with every change.
    await ensurePrivateDirectory(dirname(path), platform);
    await withFileLock(`${path}.lock`, work, { clock });
  }

  /** Ends what MSAL has begun with `beforeCacheAccess`; one for each of its contexts. */
  const changes = new WeakMap<object, { release: () => void; done: Promise<void> }>();

  return {
    path,
    read,
    update: (change) => locked(async () => await write(change(await read()))),
    cachePlugin: {
      async beforeCacheAccess(context) {
        if (context.cacheHasChanged) {
          const begun = Promise.withResolvers<void>();
          const ended = Promise.withResolvers<void>();
          const done = locked(async () => {
            begun.resolve();
            await ended.promise;
          });
          await Promise.race([begun.promise, done]);
          changes.set(context, { release: ended.resolve, done });
        }
        context.tokenCache.deserialize((await read()).msal);
      },
      async afterCacheAccess(context) {
        const change = changes.get(context);
        if (!change) return;
        try {
          await write({ ...await read(), msal: context.tokenCache.serialize() });
        } finally {
          changes.delete(context);
          change.release();
          await change.done;
        }
      },
    },
  };
}
