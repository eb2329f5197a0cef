/**
 * The shell that a VM's sshd hands commands to, and how words are quoted for it. Pure.
 *
 * sshd runs a command by the user's shell: on Windows that is cmd.exe, or whatever the administrator
 * has set as DefaultShell, PowerShell as a rule.
 */

export type RemoteShell = "posix" | "cmd" | "powershell";

/** Every shell says something else to it, and it changes nothing. */
export const SHELL_PROBE = "echo %OS%$env:OS";

/** @param answer what {@linkcode SHELL_PROBE} has printed */
export function remoteShell(answer: string): RemoteShell {
  const text = answer.trim();
  if (text === "Windows_NT$env:OS") return "cmd";
  return text === "%OS%Windows_NT" ? "powershell" : "posix";
}

/**
 * `words` as a line that the shell runs as just these words; nothing where it cannot be told so:
 * cmd.exe reads `%` within quotes, too, and what runs on Windows disagrees about quotes in words.
 */
export function commandLineFor(shell: RemoteShell, words: readonly string[]): string | undefined {
  const odd = ODD[shell];
  return words.some((word) => odd.test(word))
    ? undefined
    : `${shell === "powershell" ? "& " : ""}${words.map(QUOTED[shell]).join(" ")}`;
}

/** The words that cannot be told to each. */
const ODD: Readonly<Record<RemoteShell, RegExp>> = {
  posix: /\0/,
  cmd: /["%!\0\r\n]/,
  // Its older versions hand on a quote bare, an empty word not at all, and a backslash at the end of
  // a word with blanks so that it quotes the quote that they add.
  powershell: /["\0\r\n]|^$|\s.*\\$/,
};

const QUOTED: Readonly<Record<RemoteShell, (word: string) => string>> = {
  // A backslash stands outside the quotes: within them fish escapes with it.
  posix: (word) => `'${word.replace(/['\\]/g, "'\\$&'")}'`,
  // Between quotes it would not know its own commands. Backslashes count double before a quote.
  cmd: (word) => /^[\w.:\\/-]+$/.test(word) ? word : `"${word.replace(/\\+$/, "$&$&")}"`,
  // It takes all of these for single quotes.
  powershell: (word) => `'${word.replace(/['‘’‚‛]/g, "$&$&")}'`,
};
