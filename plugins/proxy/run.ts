/** What `bastion proxy` does: resolve, then one connection between the target and our own pipes. */

import type {
  CommandContext,
  CommandHandler,
  ErrorDescription,
  TunnelObserver,
} from "../../core/mod.ts";
import { writeBehind } from "./write_behind.ts";

/** As a program ends that SIGPIPE has ended. */
const NOBODY_READS = 128 + 13;

export const run: CommandHandler = async ({ target: asked, connection }, ctx) => {
  const target = await ctx.resolve({ ...asked });
  for (const note of target.notes) ctx.out.notice(note);
  const stdio = ctx.openStdio();
  const failure: { error?: ErrorDescription | undefined } = {};
  const tunnel = await ctx.openTunnel({
    ...connection,
    target,
    port: 0,
    stream: writeBehind(stdio),
    observer: observerOf(ctx, failure),
  });
  const stop = () => void tunnel.stop();
  ctx.signal.addEventListener("abort", stop, { once: true });
  if (ctx.signal.aborted) stop();
  await tunnel.ended;
  ctx.signal.removeEventListener("abort", stop);
  // What a signal has ended was not done: the signal gives the exit code.
  ctx.signal.throwIfAborted();
  return failure.error?.exit ?? (stdio.gone ? NOBODY_READS : 0);
};

function observerOf(
  { out }: CommandContext,
  failure: { error?: ErrorDescription | undefined },
): TunnelObserver {
  return {
    connectionOpened: ({ tunnel: { target, bastionHost } }) =>
      out.event("connection-opened", { target, bastionHost }),
    connectionFailed(failed) {
      const { code, message, hint } = failed;
      out.event("connection-failed", { code, message, hint });
      if (code === "stopped") return;
      failure.error = failed;
      out.failure(failed);
    },
    connectionClosed({ reason, bytesUp, bytesDown, ms, error }) {
      failure.error = error;
      out.event("connection-closed", {
        reason,
        bytesUp,
        bytesDown,
        ms,
        ...(error ? { code: error.code, message: error.message, hint: error.hint } : {}),
      });
      if (error) out.failure(error);
    },
  };
}
