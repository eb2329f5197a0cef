/** Accepts what comes to a listener, whatever goes wrong with one connection. */

import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";

export interface AcceptOptions {
  readonly clock: Pick<Clock, "sleep">;
  readonly log: Pick<Logger, "warning" | "debug">;
  /** Takes the connection over; the next is accepted when it resolves. */
  readonly admit: (connection: Deno.TcpConn) => void | Promise<void>;
  /** Whether the listener was closed. */
  readonly closed: () => boolean;
  readonly signal: AbortSignal;
}

/** After an accept failed (too many open files), so long is waited before the next, in ms. */
const PAUSE = 100;

/** Resolves when the listener is closed. */
export async function accept(
  listener: Pick<Deno.TcpListener, "accept">,
  { clock, log, admit, closed, signal }: AcceptOptions,
): Promise<void> {
  let failing = false;
  while (!closed()) {
    let connection: Deno.TcpConn;
    try {
      connection = await listener.accept();
    } catch (error) {
      if (closed()) return;
      if (isClientGone(error)) continue;
      // Too many open files, as a rule: it lasts, and once is enough to say it.
      const say = failing ? log.debug : log.warning;
      say("a connection could not be accepted", { problem: messageOf(error) });
      failing = true;
      await clock.sleep(PAUSE, signal).catch(() => {});
      continue;
    }
    failing = false;
    try {
      connection.setNoDelay(true);
    } catch {
      // A client that has gone already; reading will tell.
    }
    await admit(connection);
  }
}

/** A client that reset its connection before it was accepted; the next one must not wait for that. */
function isClientGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}
