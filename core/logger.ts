/** Levels, most urgent first; the user chooses how far down the list stderr goes. */
export const logLevels = ["error", "warning", "info", "debug"] as const;
export type LogLevel = (typeof logLevels)[number];

/** One thing that happened. `fields` are small values; secrets print as `[redacted]`. */
export interface LogRecord {
  readonly time: Date;
  readonly level: LogLevel;
  readonly scope: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Where records go; it redacts them and applies the level. */
export type LogSink = (record: LogRecord) => void;

export interface Logger {
  error(message: string, fields?: Record<string, unknown>): void;
  warning(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  debug(message: string, fields?: Record<string, unknown>): void;
}

/** A logger that stamps each record with `scope` (a folder or a plugin's name). */
export function createLogger(scope: string, sink: LogSink, now = () => new Date()): Logger {
  const at = (level: LogLevel) => (message: string, fields: Record<string, unknown> = {}) =>
    sink({ time: now(), level, scope, message, fields });
  return { error: at("error"), warning: at("warning"), info: at("info"), debug: at("debug") };
}
