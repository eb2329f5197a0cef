import { findProgram } from "./find_program.ts";
import { planTest } from "./needs.ts";

/**
 * A test with the emulator's SSH server in its own process: ssh2 leaves its ciphers to the garbage
 * collector, which the sanitizer takes for a leak.
 */
export function testSsh2(
  programs: readonly string[],
  name: string,
  fn: () => Promise<void>,
  /** What else is not there: `way to …`. */
  absent: readonly string[] = [],
): void {
  const missing = programs.filter((one) => findProgram(one) === undefined);
  const reasons = [...missing, ...absent].map((one) => `no ${one}`);
  const test = planTest(name, fn, reasons, Deno.env.get("CI") === "true");
  Deno.test({ ...test, sanitizeResources: false });
}
