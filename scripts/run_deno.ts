/** Runs this same Deno with `args`, to its end, and gives its standard output. */

/** @throws Error with what it wrote to stderr, where it fails */
export async function runDeno(...args: readonly string[]): Promise<string> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (output.success) return decoder.decode(output.stdout);
  throw new Error(
    `deno ${args[0]} ended with code ${output.code}: ${decoder.decode(output.stderr)}`,
  );
}
