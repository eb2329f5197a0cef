/** What a check is, and what it finds: the contract of the core's checks and of plugins'. */

import type { Configuration } from "../config/configuration.ts";
import type { ExitKind } from "../error_catalogue.ts";
import type { PluginContext } from "../plugin/plugin.ts";
import type { Target, TargetRequest } from "../target/target.ts";

/** One thing that `bastion doctor` looks at, contributed by a plugin; it runs after the core's. */
export interface Check {
  /** Lower-case words with hyphens; shown as `plugin/name`. */
  readonly name: string;
  /** A noun phrase that heads its line: `Jump host licence`. */
  readonly title: string;
  /** What it throws is a failure, with the error's message and hint. */
  run(subject: CheckSubject, ctx: PluginContext): Promise<CheckFinding>;
}

export interface CheckSubject {
  /** Where the user wants to go; nothing where no target is named, or it was not found. */
  readonly target?: Target;
  /** Aborts when the check's time is up, or the program is to end. */
  readonly signal: AbortSignal;
}

export interface CheckFinding {
  /** `skipped`: there was nothing to look at, or no way to. */
  readonly status: "ok" | "warn" | "fail" | "skipped";
  /** What was found, in a sentence. */
  readonly found: string;
  /** What the user can do; for `warn` and `fail`. */
  readonly remedy?: string;
}

export interface CheckResult extends CheckFinding {
  /** Stable: `arm-tls`, or `plugin/name`. */
  readonly name: string;
  readonly title: string;
  /** A failure's. */
  readonly code?: string;
  /** What the program ends with where this is the first failure. */
  readonly exit?: ExitKind;
  /** Names of the checks that failed, or were skipped, so that this one could not run. */
  readonly because?: readonly string[];
  /** How long it took; 0 where it was skipped. */
  readonly ms: number;
}

export interface DiagnosisRequest {
  /** Without one, what leads to any target is checked; with a bastion host alone, that as well. */
  readonly target?: TargetRequest;
  /** What the user has set; without it the config file is not looked at. */
  readonly configuration?: Configuration;
  /** Milliseconds for each check; 15,000 where it is left out. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** Told of each result as soon as those before it are known. */
  readonly onResult?: (result: CheckResult) => void;
  /** Absolute path of a new file that is given everything, redacted, to send to a colleague. */
  readonly bundle?: string;
}

export interface Diagnosis {
  readonly program: ProgramFacts;
  /** In the order of the way: from this computer to the target. */
  readonly checks: readonly CheckResult[];
}

/** What runs, and on what. */
export interface ProgramFacts {
  /** Of bastion; nothing where another program embeds it. */
  readonly version?: string;
  readonly os: string;
  readonly arch: string;
  readonly deno: string;
}
