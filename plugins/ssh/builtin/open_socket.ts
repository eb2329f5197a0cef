/** The way to the VM as a socket for ssh2: a tunnel in memory, without a local port. */

import type { Duplex } from "node:stream";
import type { ErrorDescription, PluginContext, Target } from "../../../core/mod.ts";
import { describedError } from "../described_error.ts";
import { createStreamPair } from "./stream_pair.ts";

export interface TunnelSocket extends AsyncDisposable {
  readonly socket: Duplex;
  /** Resolves when data can flow; never, where it comes to nothing. */
  readonly opened: Promise<void>;
  /** Why the tunnel failed or was lost, from before the socket ends on. */
  failure(): Error | undefined;
}

export async function openSocket(
  target: Target,
  ctx: Pick<PluginContext, "openTunnel">,
): Promise<TunnelSocket> {
  const { stream, socket } = createStreamPair();
  const opened = Promise.withResolvers<void>();
  let failure: Error | undefined;
  const fail = (error: ErrorDescription | undefined) => {
    if (error && error.code !== "stopped") failure = describedError(error);
  };
  const tunnel = await ctx.openTunnel({
    target,
    port: 0,
    stream,
    observer: {
      connectionOpened: () => opened.resolve(),
      connectionFailed: fail,
      connectionClosed: ({ error }) => fail(error),
    },
  });
  return {
    socket,
    opened: opened.promise,
    failure: () => failure,
    [Symbol.asyncDispose]: () => tunnel.stop(),
  };
}
