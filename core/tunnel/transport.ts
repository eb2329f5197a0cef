/** Carries bytes to the data plane: the contract that every transport keeps. */

import type { Clock } from "../clock.ts";
import type { Dialer } from "../net/dial.ts";
import type { Secret } from "../secret.ts";

export interface Transport {
  /** What `--transport` calls it. */
  readonly name: string;
  /**
   * A channel over which data can flow. The way to the endpoint is opened at once, while the
   * session's path is still being fetched.
   * @throws BastionError `upgrade-…` and network errors; the path's rejection as it is
   */
  connect(options: ChannelOptions): Promise<Channel>;
}

export interface ChannelOptions {
  /** Host name of the data plane, with a port where it is not 443. */
  readonly endpoint: string;
  /** Path and query of the WebSocket; a secret, since the token is part of it. */
  readonly path: Promise<Secret>;
  readonly dial: Dialer;
  readonly clock: Clock;
  /** Payload bytes a frame, at most. */
  readonly frameSize: number;
  readonly signal: AbortSignal;
}

/** One open WebSocket, as a stream of bytes. */
export interface Channel {
  /**
   * The next bytes, a view that is valid until the next call; null where the far side has ended
   * in good order. One call at a time.
   * @throws BastionError `peer-…` where it has ended badly; every byte that came was returned before
   */
  read(): Promise<Uint8Array | null>;
  /** Resolves when the bytes are handed to the network; `bytes` may be reused then. */
  write(bytes: Uint8Array): Promise<void>;
  /** Asks the far side for a sign of life. Returns at once; what fails is found by reading. */
  ping(): void;
  /** By `clock.now()`, when something last came, control frames included. */
  readonly lastByteAt: number;
  /** Pings that were answered. */
  readonly pongs: number;
  /** Says goodbye, in a bounded time, and frees everything. A pending read ends. Idempotent. */
  close(code?: number): Promise<void>;
}
