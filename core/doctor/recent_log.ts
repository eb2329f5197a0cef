import type { LogRecord, LogSink } from "../logger.ts";

export interface RecentLog {
  /** Passes every record on, and keeps the last ones. */
  readonly sink: LogSink;
  /** The oldest first. */
  records(): readonly LogRecord[];
}

/** So many records tell of some minutes, and take some hundred KiB. */
const MOST = 500;

/** The last things that happened, at every level, for a bundle that explains a failure. */
export function createRecentLog(sink: LogSink): RecentLog {
  const kept: LogRecord[] = [];
  return {
    sink(record) {
      if (kept.push(record) > MOST) kept.shift();
      sink(record);
    },
    records: () => [...kept],
  };
}
