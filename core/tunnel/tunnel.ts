import type {
  ConnectionClosed,
  ConnectionFailed,
  ConnectionInfo,
  TunnelInfo,
  TunnelTotals,
} from "../plugin/hooks.ts";
import type { Target } from "../target/target.ts";

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

/** Why a tunnel ended. */
export type TunnelEnd = "stopped" | "timeout" | "idle-timeout" | "once";

/** An open tunnel. */
export interface Tunnel extends AsyncDisposable {
  readonly info: TunnelInfo;
  /** The addresses it listens on. */
  readonly addresses: readonly string[];
  /** Resolves when listener and connections have ended and every session is deleted. */
  readonly ended: Promise<{ readonly why: TunnelEnd } & TunnelTotals>;
  /** Ends it: no new connections, the open ones closed, their sessions deleted. */
  stop(): Promise<void>;
}
