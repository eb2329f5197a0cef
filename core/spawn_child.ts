import { bastionError, messageOf } from "./errors.ts";

/**
 * A child process.
 * @param name what the user knows the program by, where `program` only starts it
 * @throws BastionError `command-not-found`, `command-failed`
 */
export function spawnChild(
  program: string,
  options: Deno.CommandOptions,
  name = program,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, options).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw bastionError("command-not-found", { program: name }, error);
    }
    throw bastionError("command-failed", { program: name, problem: messageOf(error) }, error);
  }
}
