/** The user's streams, as text or as JSON, without secrets. */

import type { Output } from "../core/plugin/plugin.ts";
import { jsonText } from "./json_text.ts";
import { plainText } from "./plain_text.ts";
import { errorFields, renderError, type RenderOptions } from "./render_error.ts";
import type { StandardStream } from "./standard_stream.ts";

export interface OutputOptions extends Omit<RenderOptions, "prefix"> {
  readonly stdout: Pick<StandardStream, "write">;
  readonly stderr: Pick<StandardStream, "write">;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly date: () => Date;
}

/** {@linkcode Output}, and what only the program itself shows. */
export interface ProgramOutput extends Output {
  /** The failure that ends the program. */
  fatal(error: unknown, exitCode: number): void;
  /** Text of ours, with its marks, as it is: help. */
  page(text: string): void;
}

export function createOutput(options: OutputOptions): ProgramOutput {
  const { stderr, json, quiet, date } = options;
  let asked = options.stdout;

  function event(name: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (!json) return;
    asked.write(`${jsonText({ event: name, time: date().toISOString(), ...fields })}\n`);
  }

  return {
    json,
    line(text) {
      if (!json) asked.write(`${plainText(text)}\n`);
    },
    event,
    result(document) {
      if (json) asked.write(`${jsonText(document, 2)}\n`);
    },
    notice(text) {
      if (!json && !quiet) stderr.write(`${plainText(text)}\n`);
    },
    instruct(text) {
      stderr.write(`${plainText(text)}\n`);
    },
    failure(error, prefix) {
      if (!json) stderr.write(renderError(error, { ...options, prefix }));
    },
    yieldStdout() {
      asked = stderr;
    },
    fatal(error, exitCode) {
      if (json) event("error", errorFields(error, exitCode));
      else stderr.write(renderError(error, options));
    },
    page(text) {
      asked.write(`${text}\n`);
    },
  };
}
