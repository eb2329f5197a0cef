/**
 * The catalogue of everything that can go wrong in the core: by its stable code, what the user is
 * told and what helps. The reference page is generated from it.
 */

import { signInErrors } from "./auth/vm/sign_in_errors.ts";

import { azureErrors } from "./error_catalogue/azure_errors.ts";
import { connectionErrors } from "./error_catalogue/connection_errors.ts";
import { programErrors } from "./error_catalogue/program_errors.ts";

/** The kind of a failure; `cli/exit_codes.ts` gives each its number. */
export type ExitKind =
  | "unexpected"
  | "usage"
  | "configuration"
  | "credential"
  | "forbidden"
  | "not-found"
  | "unfit"
  | "network"
  | "target-port"
  | "host-key"
  | "transfer"
  | "local-port"
  | "plugin";

/** One kind of failure. `{name}` in message and hint stands for the parameter of that name. */
export interface ErrorDefinition {
  readonly exit: ExitKind;
  readonly message: string;
  readonly hint: string;
}

export type ErrorCatalogue = Readonly<Record<string, ErrorDefinition>>;

export const errors = {
  ...programErrors,
  ...azureErrors,
  ...connectionErrors,
  ...signInErrors,
} as const satisfies ErrorCatalogue;
