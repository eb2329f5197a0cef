/**
 * A case: a command line with its surroundings, and what the program makes of it. One JSON file
 * each; the file's name says what it is about.
 */

import type { OptionValue } from "../../core/mod.ts";

export type CaseFile = ParsedCase | CounterpartCase;

/** An error that the official client knows, in meaning, and what says the same here. */
export interface CounterpartCase {
  readonly about: string;
  readonly counterpart: {
    readonly error: string;
    readonly exit: number;
    /** The test in which it happens. */
    readonly shownBy: string;
  };
}

export interface ParsedCase {
  /** Why there is this case, where its name does not say it: as what az's users are told. */
  readonly about?: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Lines of the config file. */
  readonly config?: readonly string[];
  readonly expected: Expected;
}

export type Expected =
  | {
    readonly call: "run";
    readonly command: string;
    /** But for those that have their default. */
    readonly options: Readonly<Record<string, OptionValue>>;
    readonly target?: unknown;
    readonly user?: string;
    readonly args?: readonly string[];
    readonly rest?: readonly string[];
  }
  | { readonly call: "help"; readonly path: string }
  | { readonly call: "version" }
  | {
    readonly error: string;
    readonly exit: number;
    readonly message: string;
    readonly hint: string;
  };
