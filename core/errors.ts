/**
 * The one error class that is said to the user as it stands: a stable code, a message in the user's
 * words, a hint with the remedy, an exit kind.
 *
 * The core's catalogue is `error_catalogue.ts`; a plugin adds its own by its `errors` contribution
 * (codes `plugin-name/…`).
 */

import { type ErrorDefinition, errors, type ExitKind } from "./error_catalogue.ts";
import { isRecord } from "./record.ts";
import { redact } from "./secret.ts";

/** The names in braces in `Text`. */
type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

export type ErrorParams<Definition extends { message: string; hint: string }> = Record<
  Placeholder<Definition["message"]> | Placeholder<Definition["hint"]>,
  string | number
>;

/** What was caught, in the shape that events and JSON carry. */
export interface ErrorDescription {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** What the program would exit with if this ended it. */
  readonly exit: ExitKind;
}

export type CoreErrorCode = keyof typeof errors;

/** A failure that is said to the user as it stands. Everything else is a defect of ours. */
export class BastionError extends Error {
  /** Stable: scripts may test it. */
  readonly code: string;
  readonly exit: ExitKind;
  /** What the user can do about it. */
  readonly hint: string;
  /** What message and hint were filled in with, redacted. */
  readonly params: Readonly<Record<string, string | number>>;
  override readonly name = "BastionError";
  /** Milliseconds after which the service asks to be tried again, where it said so. */
  retryAfter?: number;

  constructor(
    code: string,
    definition: ErrorDefinition,
    params: Readonly<Record<string, string | number>>,
    cause?: unknown,
  ) {
    super(
      redact(fillIn(definition.message, params)),
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.params = Object.fromEntries(
      Object.entries(params).map(([name, value]) => [
        name,
        typeof value === "string" ? redact(value) : value,
      ]),
    );
    this.exit = definition.exit;
    this.hint = redact(fillIn(definition.hint, params));
  }
}

/** An error of the core's catalogue; the compiler knows which parameters `code` needs. */
export function bastionError<Code extends CoreErrorCode>(
  code: Code,
  params: ErrorParams<(typeof errors)[Code]>,
  cause?: unknown,
): BastionError {
  return new BastionError(code, errors[code], params, cause);
}

export function isBastionError(error: unknown, ...codes: CoreErrorCode[]): error is BastionError {
  return error instanceof BastionError &&
    (codes.length === 0 || (codes as string[]).includes(error.code));
}

/** Code, message, hint and kind of whatever was thrown; what has no code is a defect of ours. */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof BastionError) {
    const { code, message, hint, exit } = error;
    return { code, message, hint, exit };
  }
  if (isDescription(error)) {
    const { code, message, hint, exit } = error;
    return { code, message, hint, exit };
  }
  return {
    code: "unexpected",
    message: `Something unexpected happened: ${messageOf(error)}`,
    hint: "This is a defect of bastion's. Run it again with --debug and report what it prints.",
    exit: "unexpected",
  };
}

/** Handlers pass on, or throw as an error, what events carried, which was described already. */
function isDescription(value: unknown): value is ErrorDescription {
  return isRecord(value) &&
    ["code", "message", "hint", "exit"].every((key) => typeof value[key] === "string");
}

/** The message of whatever was thrown, redacted, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return redact(text).replace(/\s+/g, " ").trim();
}

function fillIn(template: string, params: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{([\w]+)\}/g, (whole, name) => String(params[name] ?? whole));
}
