/** Columns of the user's terminal; undefined where stdout is not one. */
export function terminalWidth(): number | undefined {
  // Without the first question, a terminal on stderr would be measured for a pipe on stdout.
  if (!Deno.stdout.isTerminal()) return undefined;
  try {
    return Deno.consoleSize().columns || undefined;
  } catch {
    return undefined;
  }
}
