import type { ErrorDescription } from "../../core/mod.ts";

/** For throwing what an event has told: the code, hint and kind stay those of what happened. */
export function describedError({ code, message, hint, exit }: ErrorDescription): Error {
  return Object.assign(new Error(message), { code, hint, exit });
}
