/**
 * On Windows ssh starts us as its askpass program with the question alone, since between the two no
 * script could be trusted with a server's words: the variable tells what we are.
 */
export function askpassWords(
  args: readonly string[],
  os: string,
  env: (name: string) => string | undefined,
): readonly string[] {
  const asked = os === "windows" && args.length === 1 && Boolean(env("BASTION_ASKPASS_FILE"));
  return asked ? ["ssh-askpass", "--", ...args] : args;
}
