/** The numbers that the program ends with; scripts rely on them, so that they never change. */

import type { ExitKind } from "../core/error_catalogue.ts";

export interface ExitCode {
  readonly code: number;
  /** When the program ends with it. */
  readonly meaning: string;
  /** The kind of failure that has it, if it is a failure's. */
  readonly kind?: ExitKind;
}

const failures: Readonly<Record<ExitKind, { readonly code: number; readonly meaning: string }>> = {
  "unexpected": {
    code: 1,
    meaning: "something unexpected: a defect, or a program of yours failed",
  },
  "usage": { code: 2, meaning: "the command line is not right" },
  "configuration": { code: 3, meaning: "a setting or file is not right" },
  "credential": { code: 4, meaning: "no Azure credential, or Azure does not accept it" },
  "forbidden": { code: 5, meaning: "Azure, or a plugin, does not allow it" },
  "not-found": { code: 6, meaning: "what was named does not exist, or the name is ambiguous" },
  "unfit": {
    code: 7,
    meaning: "the bastion host or VM is not fit for it (SKU, a feature that is off, stopped)",
  },
  "network": { code: 8, meaning: "the network, TLS or a proxy" },
  "target-port": { code: 9, meaning: "the port on the target does not answer" },
  "host-key": { code: 10, meaning: "the target's host key is unknown or has changed" },
  "transfer": { code: 11, meaning: "a transfer is incomplete" },
  "local-port": { code: 12, meaning: "the local port cannot be opened" },
  "plugin": { code: 13, meaning: "a plugin cannot be used, or failed" },
};

/** Numbers of the signals that end us, as every system that has them counts (SIGBREAK: Windows). */
const signals: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGPIPE: 13,
  SIGTERM: 15,
  SIGBREAK: 21,
};

/** Every exit code, for the reference. */
export const exitCodes: readonly ExitCode[] = [
  {
    code: 0,
    meaning: "done; also when Ctrl-C or --timeout ended a tunnel that was ready",
  },
  ...Object.entries(failures).map(([kind, { code, meaning }]) => ({
    code,
    meaning,
    kind: kind as ExitKind,
  })),
  { code: 129, meaning: "ended by SIGHUP: the terminal was closed" },
  { code: 130, meaning: "ended by SIGINT (Ctrl-C) before the work was done" },
  { code: 141, meaning: "whoever read the output went away before the work was done" },
  { code: 143, meaning: "ended by SIGTERM before the work was done" },
  { code: 149, meaning: "ended by SIGBREAK (Ctrl-Break, Windows) before the work was done" },
  {
    code: 255,
    meaning: "bastion ssh: no session; where there was one, the code is the remote command's",
  },
];

export function exitCodeOfKind(kind: ExitKind): number {
  return failures[kind].code;
}

/** 128 and the signal's number, as shells have it. */
export function exitCodeOfSignal(signal: string): number {
  return 128 + (signals[signal] ?? 0);
}
