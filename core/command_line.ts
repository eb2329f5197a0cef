/** A command as one line of text, for programs that take it so (ssh's ProxyCommand). */

import { bastionError } from "./errors.ts";

/**
 * For the user's own shell, with which ssh reads the line: each word is quoted unless every shell
 * reads it as it stands. A backslash stands outside the quotes: within them fish escapes with it.
 */
export function unixCommandLine([program, ...args]: readonly [string, ...string[]]): string {
  return [program, ...args].map((word) => {
    // A line break would end the setting that the line is the value of.
    if (/[\0\r\n]/.test(word)) throw odd(program);
    return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/['\\]/g, "'\\$&'")}'`;
  }).join(" ");
}

/**
 * For Windows' own OpenSSH, which starts the line as a program (no `cmd` reads it: `&`, `^` and `|`
 * are letters), and for Git's, which has a shell for it. Both take double quotes, and differ in all
 * that is refused here. Of two backslashes that shell leaves one, where a share's path begins with
 * them; with slashes it is the same path for Windows.
 * @throws BastionError `command-failed`
 */
export function windowsCommandLine([program, ...args]: readonly [string, ...string[]]): string {
  return [program, ...args].map((given) => {
    const word = given.includes("\\\\") ? given.replaceAll("\\", "/") : given;
    if (/["$`%!\0\r\n]|\\$/.test(word)) throw odd(program);
    return /^[\w@+=:,./-]+$/.test(word) ? word : `"${word}"`;
  }).join(" ");
}

function odd(program: string): Error {
  const problem = "its path or an argument has characters in it that cannot be quoted safely";
  return bastionError("command-failed", { program, problem });
}
