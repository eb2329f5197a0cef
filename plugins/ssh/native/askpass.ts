/**
 * Hands a password to OpenSSH: ssh starts an askpass program, which is ourselves again, and that one
 * reads the password from a file (0600, in a directory of 0700) that it removes. Neither arguments
 * nor environment ever hold it: other users, and the remote side by SendEnv, may see those.
 */

import { join } from "node:path";
import type { CommandContext, Secret } from "../../../core/mod.ts";

/** Names the file with the password, for the askpass program. */
export const PASSWORD_FILE = "BASTION_ASKPASS_FILE";

export interface Answers {
  /** Private; removed by its owner. */
  readonly directory: string;
  readonly password: Secret;
}

/** The environment that ssh needs. */
export async function prepareAskpass(
  { directory, password }: Answers,
  ctx: Pick<CommandContext, "platform" | "selfCommand">,
): Promise<Record<string, string>> {
  const file = join(directory, "password");
  await Deno.writeTextFile(file, password.reveal(), { createNew: true, mode: 0o600 });
  return {
    SSH_ASKPASS: await askpassProgram(directory, ctx),
    // Since OpenSSH 8.4; without it ssh would ask on the terminal.
    SSH_ASKPASS_REQUIRE: "force",
    [PASSWORD_FILE]: file,
  };
}

/**
 * The environment of a run behind `-J`, which has the last host's askpass program from the ssh that
 * started it.
 *
 * Threat: the VM in between would ask for a password, and get the last host's.
 */
export function forgetAskpass({ platform }: Pick<CommandContext, "platform">) {
  return platform.env(PASSWORD_FILE) ? { SSH_ASKPASS_REQUIRE: "never", [PASSWORD_FILE]: "" } : {};
}

/** ssh gives its askpass program the question, and no other argument: a script adds the command. */
async function askpassProgram(
  directory: string,
  { platform, selfCommand }: Pick<CommandContext, "platform" | "selfCommand">,
): Promise<string> {
  if (platform.os === "windows") {
    // A script's arguments are read by `cmd` there, and the question is the server's: it is asked
    // of the program itself, which tells by the variable that it is an askpass program.
    return selfCommand([])[0];
  }
  const script = join(directory, "askpass");
  const line = platform.commandLine(selfCommand(["ssh-askpass"]));
  await Deno.writeTextFile(script, `#!/bin/sh\nexec ${line} -- "$@"\n`, {
    createNew: true,
    mode: 0o700,
  });
  return script;
}
