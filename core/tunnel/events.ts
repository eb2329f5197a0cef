/** What happens to a tunnel and its connections, as observers are told. Never a secret. */

import type { ErrorDescription } from "../errors.ts";

export interface TunnelInfo {
  readonly id: string;
  /** As `app/web1:22`. */
  readonly target: string;
  readonly bastionHost: string;
  /** Where it listens; empty and 0 where its one connection is no socket. */
  readonly host: string;
  readonly port: number;
}

export interface ConnectionInfo {
  readonly tunnel: TunnelInfo;
  /** Counts from 1 within the tunnel. */
  readonly connection: number;
}

export interface ConnectionClosed extends ConnectionInfo {
  /** `local-closed`, `remote-closed`, `stopped`, or the code of the error that ended it. */
  readonly reason: string;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly ms: number;
  /** Present where it ended badly. */
  readonly error?: ErrorDescription;
}

export interface ConnectionFailed extends ConnectionInfo, ErrorDescription {}

export interface TunnelTotals {
  readonly opened: number;
  readonly failed: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly ms: number;
}
