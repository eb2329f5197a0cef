/** A failure of the core's catalogue as plain data, for other runs that wait for the same answer. */

import { errors } from "./error_catalogue.ts";
import { BastionError, type CoreErrorCode } from "./errors.ts";
import { isRecord } from "./record.ts";

export interface KeptFailure {
  readonly code: string;
  /** Redacted, as the error has them. */
  readonly params: Readonly<Record<string, string | number>>;
}

/** Undefined for what is not the core's to say: a plugin's errors, defects, an abort. */
export function keepFailure(error: unknown): KeptFailure | undefined {
  if (!(error instanceof BastionError) || !isCode(error.code)) return undefined;
  return { code: error.code, params: error.params };
}

/** What {@linkcode keepFailure} made; undefined for all else. */
export function readFailure(value: unknown): BastionError | undefined {
  const { code, params } = isRecord(value) ? value : {};
  if (typeof code !== "string" || !isCode(code) || !isParams(params)) return undefined;
  return new BastionError(code, errors[code], params);
}

function isCode(code: string): code is CoreErrorCode {
  return Object.hasOwn(errors, code);
}

function isParams(value: unknown): value is KeptFailure["params"] {
  return isRecord(value) &&
    Object.values(value).every((one) => typeof one === "string" || typeof one === "number");
}
