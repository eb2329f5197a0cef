/** Watches a tunnel's connections for the command: tells of them, and knows when none is left. */

import type { ErrorDescription, Output, TunnelObserver } from "../../core/mod.ts";

export interface Sessions {
  readonly observer: TunnelObserver;
  /** What failed last, if no connection was ever opened. */
  readonly failure: ErrorDescription | undefined;
  /** Resolves when no connection is open. */
  over(): Promise<void>;
}

export function watchSessions(out: Output): Sessions {
  let open = 0;
  let opened = false;
  let failure: ErrorDescription | undefined;
  const waiting: (() => void)[] = [];
  return {
    get failure() {
      return opened ? undefined : failure;
    },
    over: () => open === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
    observer: {
      connectionOpened({ connection }) {
        open++;
        opened = true;
        out.event("connection-opened", { connection });
      },
      connectionFailed(failed) {
        const { connection, code, message, hint } = failed;
        out.event("connection-failed", { connection, code, message, hint });
        if (code === "stopped") return;
        failure = failed;
        out.failure(failed, `connection ${connection} failed`);
      },
      connectionClosed({ connection, reason, bytesUp, bytesDown, ms, error }) {
        out.event("connection-closed", {
          connection,
          reason,
          bytesUp,
          bytesDown,
          ms,
          ...(error ? { code: error.code, message: error.message, hint: error.hint } : {}),
        });
        if (error) out.failure(error, `connection ${connection} ended`);
        if (--open === 0) { for (const resolve of waiting.splice(0)) resolve(); }
      },
    },
  };
}
