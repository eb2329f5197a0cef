/** Where log records go: to stderr as far as the user wants them, and all of them to a file. */

import { bastionError, messageOf } from "../core/errors.ts";
import { type LogLevel, logLevels, type LogRecord, type LogSink } from "../core/logger.ts";
import { jsonText } from "./json_text.ts";
import { plainText } from "./plain_text.ts";
import type { StandardStream } from "./standard_stream.ts";

export interface LogSinkOptions {
  readonly stderr: Pick<StandardStream, "write">;
  /** How far down the levels stderr goes. */
  readonly level: LogLevel;
  /** Absolute; no file where it is left out. */
  readonly file?: string | undefined;
}

export interface ClosableLogSink extends Disposable {
  readonly sink: LogSink;
}

/** The level that the user's options ask for. */
export function logLevelOf(
  { quiet, verbose, debug }: { quiet: boolean; verbose: boolean; debug: boolean },
): LogLevel {
  if (debug) return "debug";
  if (verbose) return "info";
  return quiet ? "error" : "warning";
}

/** @throws BastionError `file-failed` */
export function createLogSink({ stderr, level, file }: LogSinkOptions): ClosableLogSink {
  const shown = logLevels.indexOf(level);
  let log = file === undefined ? undefined : openLog(file);

  function writeToFile(record: LogRecord): void {
    if (log === undefined) return;
    const { time, ...others } = record;
    const bytes = new TextEncoder().encode(
      `${jsonText({ time: time.toISOString(), ...others })}\n`,
    );
    try {
      for (let at = 0; at < bytes.length;) at += log.writeSync(bytes.subarray(at));
    } catch (error) {
      // A full disk must not end a tunnel; it is said once, and the file is given up.
      log.close();
      log = undefined;
      stderr.write(plainText(`warning: ${file} is written no more: ${messageOf(error)}`) + "\n");
    }
  }

  return {
    sink(record) {
      writeToFile(record);
      if (logLevels.indexOf(record.level) <= shown) stderr.write(`${textOf(record)}\n`);
    },
    [Symbol.dispose]() {
      log?.close();
      log = undefined;
    },
  };
}

function openLog(file: string): Deno.FsFile {
  try {
    // Nobody else's to read: what is redacted still tells who works where.
    return Deno.openSync(file, { append: true, create: true, mode: 0o600 });
  } catch (error) {
    const problem = messageOf(error);
    throw bastionError("file-failed", { file, action: "written", problem }, error);
  }
}

function textOf({ level, scope, message, fields }: LogRecord): string {
  const details = Object.entries(fields).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${jsonText(value)}`);
  return plainText([`${level} [${scope}] ${message}`, ...details].join(" ").replaceAll("\n", " "));
}
