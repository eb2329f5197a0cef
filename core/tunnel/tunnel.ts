/** A tunnel: a listener (or one stream), and its connections to one target and port. */

import type { AccessToken } from "../auth/azure/credential.ts";
import type { Clock } from "../clock.ts";
import { type ErrorDescription, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { accept } from "../net/accept.ts";
import type { Dialer } from "../net/dial.ts";
import { listenLocal } from "../net/listen.ts";
import type { Platform } from "../platform.ts";
import type { ConnectionClosed, ConnectionInfo, TunnelInfo, TunnelTotals } from "./events.ts";
import type { Target } from "../target/target.ts";
import { BufferPool } from "./buffer_pool.ts";
import { type ConnectionEnd, runConnection } from "./connection.ts";
import type { Turns } from "../net/turns.ts";
import { Gate } from "./gate.ts";
import type { Session } from "./session.ts";
import {
  type ByteStream,
  checkLimits,
  type TunnelObserver,
  type TunnelRequest,
} from "./tunnel_request.ts";
import type { Transport } from "./transport.ts";

/** Why a tunnel ended. */
export type TunnelEnd = "stopped" | "timeout" | "idle-timeout" | "once";

/** An open tunnel. */
export interface Tunnel extends AsyncDisposable {
  readonly info: TunnelInfo;
  /** The addresses it listens on; none where its one connection is a stream that was handed over. */
  readonly addresses: readonly string[];
  /** Resolves when listener and connections have ended and every session is deleted. */
  readonly ended: Promise<{ readonly why: TunnelEnd } & TunnelTotals>;
  /** Ends it: no new connections, the open ones closed, their sessions deleted. */
  stop(): Promise<void>;
}

/** What a tunnel is made with. */
export interface TunnelDoors {
  readonly clock: Clock;
  readonly log: Logger;
  readonly platform: Platform;
  readonly dial: Dialer;
  readonly transport: Transport;
  /** Handshakes in flight, of all tunnels of the program. */
  readonly gate: Gate;
  readonly turns: Turns;
  readonly getToken: (signal: AbortSignal, fresh: boolean) => Promise<AccessToken>;
  readonly openSession: (
    target: Target,
    token: AccessToken,
    signal: AbortSignal,
    repeat: boolean,
  ) => Promise<Session>;
  readonly describeError: (error: unknown) => ErrorDescription;
  /** Tells the plugins' observers. */
  readonly observe: TunnelEvents;
}

/** The tunnel's events, by the names of their hooks. */
export interface TunnelEvents extends Required<TunnelObserver> {
  tunnelOpened(tunnel: TunnelInfo): void;
  tunnelClosed(closed: { readonly tunnel: TunnelInfo } & TunnelTotals): void;
}

/** The official client sends no larger frames; speed comes from packing many into one write. */
const FRAME_SIZE = 4096;
const PING_INTERVAL = 30_000;
const HALF_CLOSE_GRACE = 10_000;
/** What a busy connection reads at once from the local side: one write's worth. */
const READ_SIZE = 60 * 1024;

/**
 * Opens the listener, or serves the stream of the request; until the tunnel ends.
 * @throws BastionError `local-port-…`
 */
export function openTunnel(request: TunnelRequest, doors: TunnelDoors): Tunnel {
  checkLimits(request);
  const { clock, log, observe } = doors;
  const { stream } = request;
  const { listeners, addresses, port } = stream
    ? { listeners: [], addresses: [], port: 0 }
    : listenLocal(request.bind, request.port, doors.platform);
  const info: TunnelInfo = {
    id: crypto.randomUUID().slice(0, 8),
    target: request.target.label,
    bastionHost: `${request.target.bastionHost.resourceGroup}/${request.target.bastionHost.name}`,
    host: stream ? "" : addresses[0] ?? "127.0.0.1",
    port,
  };
  const startedAt = clock.now();
  const stopping = new AbortController();
  const buffers = new BufferPool(READ_SIZE);
  const slots = new Gate(request.maxConnections ?? Number.POSITIVE_INFINITY);
  const running = new Set<Promise<void>>();
  /** One for each connection: on one signal for all, each listener would be looked for among all. */
  const ends = new Set<AbortController>();
  const deferred = new Set<Promise<void>>();
  const totals = { opened: 0, failed: 0, bytesUp: 0, bytesDown: 0 };
  let accepted = 0;
  let why: TunnelEnd | undefined;
  let cancelIdle: (() => void) | undefined;

  function end(how: TunnelEnd): void {
    // `once` is how it goes on; what ends it before its connection has ended is why it ended.
    if (why === undefined || why === "once") why = how;
    for (const listener of listeners.splice(0)) listener.close();
    // The first connection of `once` is the tunnel's work: it goes on to its end.
    if (how === "once") return;
    const reason = new DOMException(`tunnel: ${how}`, "AbortError");
    stopping.abort(reason);
    for (const one of ends) one.abort(reason);
  }

  function watchIdle(): void {
    if (request.idleTimeout === undefined) return;
    cancelIdle?.();
    cancelIdle = running.size === 0
      ? clock.after(request.idleTimeout, () => end("idle-timeout"))
      : undefined;
  }

  function defer(work: Promise<void>): void {
    const tracked = work.finally(() => deferred.delete(tracked));
    deferred.add(tracked);
  }

  /** What observers throw is theirs: it must not touch the connection. */
  function tell(what: () => void): void {
    try {
      what();
    } catch (error) {
      log.error("an observer failed", { problem: messageOf(error) });
    }
  }

  async function serve(local: ByteStream): Promise<void> {
    const connection = { tunnel: info, connection: ++accepted };
    const connectedAt = clock.now();
    const own = new AbortController();
    ends.add(own);
    if (stopping.signal.aborted) own.abort(stopping.signal.reason);
    await runConnection({
      local,
      target: request.target,
      transport: doors.transport,
      dial: doors.dial,
      clock,
      log,
      gate: doors.gate,
      turns: doors.turns,
      buffers,
      frameSize: request.frameSize ?? FRAME_SIZE,
      pingInterval: request.pingInterval ?? PING_INTERVAL,
      halfCloseGrace: request.halfCloseGrace ?? HALF_CLOSE_GRACE,
      signal: own.signal,
      getToken: doors.getToken,
      openSession: (token, signal, repeat) =>
        doors.openSession(request.target, token, signal, repeat),
      onOpened: () => {
        totals.opened++;
        tell(() => request.observer?.connectionOpened?.(connection));
        observe.connectionOpened(connection);
      },
      onEnded: (ended) => report(connection, ended, Math.round(clock.now() - connectedAt)),
      defer,
    });
    ends.delete(own);
  }

  function report(connection: ConnectionInfo, ended: ConnectionEnd, ms: number): void {
    const { end, bytesUp, bytesDown } = ended;
    totals.bytesUp += bytesUp;
    totals.bytesDown += bytesDown;
    const error = end.reason === "failed" ? doors.describeError(end.error) : undefined;
    if (ended.opened) {
      const closed: ConnectionClosed = {
        ...connection,
        reason: error?.code ?? end.reason,
        bytesUp,
        bytesDown,
        ms,
        ...(error ? { error } : {}),
      };
      tell(() => request.observer?.connectionClosed?.(closed));
      observe.connectionClosed(closed);
    } else {
      totals.failed++;
      const failed = { ...connection, ...(error ?? STOPPED) };
      tell(() => request.observer?.connectionFailed?.(failed));
      observe.connectionFailed(failed);
    }
  }

  async function admitInTurn(local: Deno.TcpConn): Promise<void> {
    let leave: () => void;
    try {
      leave = await slots.enter(stopping.signal);
    } catch {
      local.close();
      return;
    }
    // Accepted on one address while the other's connection was the one of `once`.
    if (why !== undefined) {
      leave();
      local.close();
      return;
    }
    admit(local, leave);
    if (request.once) end("once");
  }

  function admit(local: ByteStream, leave: () => void = () => {}): void {
    const work = serve(local).finally(() => {
      running.delete(work);
      leave();
      watchIdle();
    });
    running.add(work);
    watchIdle();
  }

  async function run(): Promise<{ readonly why: TunnelEnd } & TunnelTotals> {
    const cancelTimeout = request.timeout === undefined
      ? undefined
      : clock.after(request.timeout, () => end("timeout"));
    watchIdle();
    if (stream) {
      admit(stream);
      end("once");
    }
    await Promise.all([...listeners].map((listener) =>
      accept(listener, {
        clock,
        log,
        admit: admitInTurn,
        closed: () => why !== undefined,
        signal: stopping.signal,
      })
    ));
    while (running.size > 0 || deferred.size > 0) await Promise.all([...running, ...deferred]);
    cancelTimeout?.();
    cancelIdle?.();
    const sum = { ...totals, ms: Math.round(clock.now() - startedAt) };
    observe.tunnelClosed({ tunnel: info, ...sum });
    return { why: why ?? "stopped", ...sum };
  }

  observe.tunnelOpened(info);
  const ended = run();
  const stop = async () => {
    end("stopped");
    await ended;
  };
  return { info, addresses, ended, stop, [Symbol.asyncDispose]: stop };
}

/** For a connection that was still being opened when the tunnel ended. */
const STOPPED: ErrorDescription = {
  code: "stopped",
  message: "The tunnel ended while the connection was being opened.",
  hint: "",
  exit: "unexpected",
};
