/** What a tunnel is asked to be, by commands, programs and plugins. */

import { bastionError } from "../errors.ts";
import type { Target } from "../target/target.ts";
import type { ByteSource } from "./adaptive_reader.ts";
import type { LocalStream } from "./relay.ts";
import type { ConnectionClosed, ConnectionFailed, ConnectionInfo } from "./events.ts";

/** The local side of a connection: a socket, stdin and stdout, or what a plugin makes. */
export type ByteStream = LocalStream & ByteSource;

/** What a tunnel is to be. Everything but target and port has a default. Durations are ms. */
export interface TunnelRequest {
  readonly target: Target;
  /** Local port; 0 lets the system choose. */
  readonly port: number;
  /** Local addresses; the loopback addresses of IPv4 and IPv6 where left out. */
  readonly bind?: readonly string[];
  /** Connections at once; more wait to be accepted. No limit where left out. */
  readonly maxConnections?: number;
  /** The tunnel ends after so long without a connection. */
  readonly idleTimeout?: number;
  /** The tunnel ends after so long, whatever goes on. */
  readonly timeout?: number;
  /** The tunnel ends with its first connection. */
  readonly once?: boolean;
  /** Payload bytes a frame, at most; 4,096 is what the official client sends. */
  readonly frameSize?: number;
  /** A ping after so long without a byte (30 s); the end after three times as long; 0 for never. */
  readonly pingInterval?: number;
  /** How long the far side may be silent once the local side has ended (10 s). */
  readonly halfCloseGrace?: number;
  /**
   * The tunnel's one connection, in place of a listener: no local port is opened, and `port` and
   * `bind` count for nothing. Its `closeWrite` is the last that is asked of it before `close`.
   */
  readonly stream?: ByteStream;
  /** Name of the transport; `webtunnel` where left out. */
  readonly transport?: string;
  /** Told of each connection, before the plugins' observers. */
  readonly observer?: TunnelObserver;
}

export interface TunnelObserver {
  connectionOpened?(connection: ConnectionInfo): void;
  connectionFailed?(failure: ConnectionFailed): void;
  connectionClosed?(closed: ConnectionClosed): void;
}

/**
 * Commands check what the user typed; programs and plugins may hand over anything.
 * @throws BastionError `usage`
 */
export function checkLimits(request: TunnelRequest): void {
  const limits: [keyof TunnelRequest, number, number][] = [
    ["port", 0, 65_535],
    ["maxConnections", 1, Number.MAX_SAFE_INTEGER],
    ["frameSize", 1, 1024 * 1024],
    ["idleTimeout", 0, Number.MAX_SAFE_INTEGER],
    ["timeout", 0, Number.MAX_SAFE_INTEGER],
    ["pingInterval", 0, Number.MAX_SAFE_INTEGER],
    ["halfCloseGrace", 0, Number.MAX_SAFE_INTEGER],
  ];
  for (const [name, least, most] of limits) {
    const value = request[name];
    if (value === undefined) continue;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
      continue;
    }
    throw bastionError("usage", {
      problem: `A tunnel's ${name} cannot be ${String(value)}.`,
      remedy: `It is a whole number from ${least} to ${most}.`,
    });
  }
}
