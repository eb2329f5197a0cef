/** A `bastion` for PATH that starts this very program, however it was started itself. */

/**
 * Makes `directory` and writes into it: a script for sh, and on Windows one for cmd besides.
 * @param command the program and the arguments that come before the user's
 */
export async function writeLauncher(
  directory: string,
  command: readonly string[],
  os: string,
): Promise<void> {
  await Deno.mkdir(directory, { mode: 0o700 });
  await Deno.writeTextFile(`${directory}/bastion`, launcherForSh(command), { mode: 0o700 });
  if (os === "windows") {
    await Deno.writeTextFile(`${directory}\\bastion.cmd`, launcherForCmd(command));
  }
}

/** INIT_CWD is of whoever started the emulator; the caller's paths are the caller's own. */
export function launcherForSh(command: readonly string[]): string {
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return `#!/bin/sh\nunset INIT_CWD\nexec ${words} "$@"\n`;
}

export function launcherForCmd(command: readonly string[]): string {
  const words = command.map((word) => `"${word.replaceAll("%", "%%")}"`).join(" ");
  return `@echo off\r\nsetlocal\r\nset INIT_CWD=\r\n${words} %*\r\n`;
}
