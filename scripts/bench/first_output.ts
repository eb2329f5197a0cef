/** What a program that lasts says first, and how long after its start that was; then it is ended. */

export interface FirstOutput {
  readonly ms: number;
  readonly bytes: Uint8Array | undefined;
}

export async function firstOutput(
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Promise<FirstOutput> {
  const started = performance.now();
  const child = new Deno.Command(program, {
    args,
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const ms = performance.now() - started;
  child.kill("SIGTERM");
  await reader.cancel();
  await child.stdin.close().catch(() => {});
  await child.status;
  return { ms, bytes: value };
}
