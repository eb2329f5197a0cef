/**
 * Every hook, once: its kind, its contract in prose, its types.
 *
 * | kind | how it runs |
 * |---|---|
 * | lifecycle | one plugin after the other, in reverse order of start; all run whatever any throws |
 * | waterfall | in order; each gets the frozen value that the one before returned |
 * | veto | all are asked; a denial, a throw or a time-out denies |
 * | observe | in parallel, isolated, never awaited by what they observe; throws are logged |
 */

import type { PluginContext } from "./plugin.ts";
import type {
  ConnectionClosed,
  ConnectionFailed,
  ConnectionInfo,
  TunnelInfo,
  TunnelTotals,
} from "../tunnel/events.ts";
import type { TunnelRequest } from "../tunnel/tunnel_request.ts";

export type HookKind = "lifecycle" | "waterfall" | "veto" | "observe";

/** A hook is a function, or a function with its place: before or after all that name none. */
export type Hook<Handler> = Handler | {
  readonly handler: Handler;
  readonly order: "pre" | "post";
};

/** `allow`, or why not, in words for the user. */
export type Verdict = "allow" | { readonly deny: string };

/** The signatures, each with its contract. */
export interface HookSignatures {
  /** lifecycle. The program ends: give back what the factory took. Runs always, once. */
  stop(ctx: PluginContext): void | Promise<void>;
  /**
   * waterfall. Before a tunnel opens: returns the request to use in its place, or nothing to
   * leave it. The request is frozen; return a copy. Runs before `authorizeTunnel`.
   */
  prepareTunnel(
    request: TunnelRequest,
    ctx: PluginContext,
  ): TunnelRequest | void | Promise<TunnelRequest | void>;
  /** veto. May this tunnel open? What is asked about is final. */
  authorizeTunnel(request: TunnelRequest, ctx: PluginContext): Verdict | Promise<Verdict>;
  /** observe. The listener is open. Followed by exactly one `tunnelClosed`. */
  tunnelOpened(tunnel: TunnelInfo, ctx: PluginContext): void | Promise<void>;
  /** observe. Data can flow. Followed by exactly one `connectionClosed`. */
  connectionOpened(connection: ConnectionInfo, ctx: PluginContext): void | Promise<void>;
  /** observe. No session or no WebSocket could be had. Excludes the other two. */
  connectionFailed(failure: ConnectionFailed, ctx: PluginContext): void | Promise<void>;
  /** observe. Exactly once for each that opened. */
  connectionClosed(closed: ConnectionClosed, ctx: PluginContext): void | Promise<void>;
  /** observe. The listener and all its connections have ended. */
  tunnelClosed(
    closed: { readonly tunnel: TunnelInfo } & TunnelTotals,
    ctx: PluginContext,
  ): void | Promise<void>;
}

export type HookName = keyof HookSignatures;

/** What a plugin declares. */
export type Hooks = { readonly [Name in HookName]?: Hook<HookSignatures[Name]> };

/** Kind and time limit (ms) of each; a hook that is missing here does not compile. */
export const hookTable = {
  stop: { kind: "lifecycle", limit: 5_000 },
  prepareTunnel: { kind: "waterfall", limit: 30_000 },
  authorizeTunnel: { kind: "veto", limit: 30_000 },
  tunnelOpened: { kind: "observe", limit: 10_000 },
  connectionOpened: { kind: "observe", limit: 10_000 },
  connectionFailed: { kind: "observe", limit: 10_000 },
  connectionClosed: { kind: "observe", limit: 10_000 },
  tunnelClosed: { kind: "observe", limit: 10_000 },
} as const satisfies Record<HookName, { kind: HookKind; limit: number }>;

/** The names of the hooks of one kind. */
export type HookNameOf<Kind extends HookKind> = {
  [Name in HookName]: (typeof hookTable)[Name]["kind"] extends Kind ? Name : never;
}[HookName];
