/** Errors about the command line, and the words that they share. */

import { bastionError } from "../core/errors.ts";

/** The command line is not right: what is wrong with it, and what to write in its place. */
export function usageError(problem: string, remedy: string): Error {
  return bastionError("usage", { problem, remedy });
}

/** What the user calls the command of that path; the empty one is the program. */
export function called(path: string): string {
  return path === "" ? "bastion" : `bastion ${path}`;
}

/** Where to read on. */
export function seeHelp(path: string): string {
  return `See: ${called(path)} --help`;
}
