/** `bastion` as a file that other programs start (ssh's ProxyCommand): a script around the program. */

import { assertNoLeaks } from "./leak_check.ts";
import { bastionCommand, bastionEnvironment } from "./bastion_process.ts";
import { CLIENT_SECRET, type EmulatedAzure } from "./emulated_azure.ts";
import { eventually } from "./eventually.ts";

export interface BastionLauncher {
  /** Path of the script; it has no blanks. */
  readonly path: string;
  /** The environment for whoever starts it. */
  readonly env: Readonly<Record<string, string>>;
  /** Every run's finest log so far. */
  log(): Promise<string>;
  /** Waits until every session is deleted, then searches the log for secrets. */
  settle(): Promise<void>;
}

export async function createBastionLauncher(azure: EmulatedAzure): Promise<BastionLauncher> {
  const path = azure.file("bastion");
  const logFile = azure.file("launcher-log");
  const quoted = bastionCommand().map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  await Deno.writeTextFile(path, `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o700 });
  const env = bastionEnvironment({
    ...azure.emulator.environment,
    XDG_STATE_HOME: azure.stateDirectory.replace(/\/bastion$/, ""),
    BASTION_LOG_FILE: logFile,
  });
  const log = () => Deno.readTextFile(logFile).catch(() => "");
  return {
    path,
    env,
    log,
    async settle() {
      // ssh tells its proxy to end, and does not wait for it.
      await eventually(
        "the end of every session",
        () => azure.emulator.stats().outstandingSessions === 0,
      );
      assertNoLeaks({ log: await log() }, [...azure.emulator.secrets(), CLIENT_SECRET]);
    },
  };
}
