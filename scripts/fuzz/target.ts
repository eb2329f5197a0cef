/** What is fuzzed: a function that takes any bytes, and what to begin with. */

import { BastionError } from "../../core/errors.ts";

export interface FuzzTarget {
  /** What `--target` calls it; also its folder in tests/fixtures/fuzz. */
  readonly name: string;
  /** Inputs that are worth changing. */
  readonly seeds: readonly (string | Uint8Array)[];
  /** Pieces that random changes would take long to hit upon. */
  readonly tokens: readonly string[];
  /** Longest input, in bytes. */
  readonly maxLength: number;
  /**
   * Takes one input and checks what comes of it.
   * @returns a word for the kind of result: a new one makes an input worth keeping
   * @throws for everything that must not happen
   */
  run(input: Uint8Array): string | Promise<string>;
}

/** The code of an error that may happen; anything else goes on. */
export function declaredCode(error: unknown, ...codes: readonly string[]): string {
  if (error instanceof BastionError && codes.includes(error.code)) return error.code;
  throw error;
}
