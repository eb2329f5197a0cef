/**
 * One connection's life: a session and a channel (tried again while nothing has been sent), the
 * relay, the session's end.
 */

import type { Clock } from "../clock.ts";
import { bastionError, isBastionError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Dialer } from "../net/dial.ts";
import type { AccessToken } from "../auth/azure/credential.ts";
import type { Target } from "../target/target.ts";
import { AdaptiveReader, type ByteSource } from "./adaptive_reader.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { needsDataPod } from "./data_pod.ts";
import { delayedSignal } from "./delayed_signal.ts";
import { explainClose } from "./explain_close.ts";
import type { Turns } from "../net/turns.ts";
import type { Gate } from "./gate.ts";
import { type LocalStream, relay, type RelayEnd } from "./relay.ts";
import { RETRY_BUDGET, retryDelay } from "./retry.ts";
import type { Session } from "./session.ts";
import type { Channel, Transport } from "./transport.ts";

export interface ConnectionOptions {
  readonly local: LocalStream & ByteSource;
  readonly target: Target;
  readonly transport: Transport;
  readonly dial: Dialer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly gate: Gate;
  readonly turns: Turns;
  readonly buffers: BufferPool;
  readonly frameSize: number;
  readonly pingInterval: number;
  readonly halfCloseGrace: number;
  readonly signal: AbortSignal;
  readonly getToken: (signal: AbortSignal, fresh: boolean) => Promise<AccessToken>;
  /** `repeat`: once more where a kept-alive connection turns out to be stale. */
  readonly openSession: (
    token: AccessToken,
    signal: AbortSignal,
    repeat: boolean,
  ) => Promise<Session>;
  /** Data can flow. */
  readonly onOpened: () => void;
  /** How it went is known. Called once; the local side may still take a while to end. */
  readonly onEnded: (ended: ConnectionEnd) => void;
  /** Waits for what must be done before the program may end. */
  readonly defer: (work: Promise<void>) => void;
}

/** How it went: `opened` says whether `onOpened` was called. */
export interface ConnectionEnd {
  readonly opened: boolean;
  readonly end: RelayEnd;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

/**
 * With nothing received and nothing to send for so long (ms) after the upgrade, the service may
 * have forgotten the connection (it has been seen to): a fresh token is tried.
 */
const SILENCE = 15_000;

/** A client that speaks first may have sent so much before it is told that nobody listens. */
const MAX_GREETING = 64 * 1024;

/** How long the tunnel's end waits for the answer to a session request, in ms. */
const ANSWER_GRACE = 3_000;

interface OpenChannel {
  readonly channel: Channel;
  readonly session: Session;
  readonly firstRemote: Promise<Uint8Array | null>;
}

/** Runs to the end of the connection; never throws. The local stream is closed afterwards. */
export async function runConnection(options: ConnectionOptions): Promise<void> {
  const { local, clock, signal } = options;
  const counted = { bytesUp: 0, bytesDown: 0 };
  let opened = false;
  /** When the last channel was there, by the clock. */
  let upgradedAt = 0;
  const localReader = new AdaptiveReader(local, options.buffers);
  // Begun at once: it tells of a program that goes away while the channel is being opened.
  const firstLocal = localReader.read();
  const abandoned = new AbortController();
  let localState: "waiting" | "spoke" = "waiting";
  firstLocal.then(() => {
    localState = "spoke";
  }, (error) => {
    abandoned.abort(bastionError("local-gone", { problem: messageOf(error) }, error));
  });
  const opening = AbortSignal.any([signal, abandoned.signal]);

  try {
    const { channel, session, firstRemote } = await openChannel();
    await relay({
      local,
      localReader,
      firstLocal,
      channel,
      firstRemote,
      clock,
      turns: options.turns,
      halfCloseGrace: options.halfCloseGrace,
      pingInterval: options.pingInterval,
      signal,
      counted,
      onEnd: (end) => options.onEnded({ opened, end: explain(end), ...counted }),
      onChannelClosed: () => options.defer(session.close()),
    });
  } catch (error) {
    const end: RelayEnd = signal.aborted
      ? { reason: "stopped" }
      : { reason: "failed", error: abandoned.signal.aborted ? abandoned.signal.reason : error };
    options.onEnded({ opened, end: explain(end), ...counted });
    await endLocal(local, firstLocal, clock);
    localReader.release();
  }

  /** Tries until a channel is open and not known to be dead, or no attempt is left. */
  async function openChannel(): Promise<OpenChannel> {
    const startedAt = clock.now();
    let fresh = false;
    let before: unknown;
    for (let attempts = 1;; attempts++) {
      // The first attempt has the time that its steps allow; further ones share what is left.
      const limit = new AbortController();
      const cancel = attempts === 1
        ? () => {}
        : clock.after(RETRY_BUDGET - (clock.now() - startedAt), () => limit.abort(before));
      try {
        const leave = await options.gate.enter(opening);
        let open: OpenChannel;
        try {
          open = await attempt(
            fresh,
            attempts === 1,
            AbortSignal.any([opening, limit.signal]),
          );
        } finally {
          leave();
          cancel();
        }
        upgradedAt = clock.now();
        if (!opened) {
          opened = true;
          options.onOpened();
        }
        if (await provesAlive(open, startedAt, attempts)) return open;
        options.log.info("no sign of life after the upgrade: trying a fresh session");
        await abandon(open);
      } catch (error) {
        opening.throwIfAborted();
        limit.signal.throwIfAborted();
        before = error;
        const elapsed = clock.now() - startedAt;
        const delay = retryDelay({ error, attempts, elapsed, random: Math.random() });
        if (delay === undefined) throw error;
        fresh = isBastionError(error, "token-unauthorized");
        options.log.info("trying again", {
          problem: messageOf(error),
          attempt: attempts + 1,
          afterMs: Math.round(delay),
        });
        await clock.sleep(delay, opening);
      } finally {
        cancel();
      }
    }
  }

  /** One session and its channel; where the channel fails, the session is closed. */
  async function attempt(
    fresh: boolean,
    repeat: boolean,
    signal: AbortSignal,
  ): Promise<OpenChannel> {
    // Once asked for, a session is the service's to give: only its answer names what to delete. So
    // a request goes on when its connection is given up, and is cut short by the tunnel's end alone.
    const answer = delayedSignal(options.signal, ANSWER_GRACE, clock);
    const sessionOpening = options.getToken(signal, fresh).then((token) => {
      signal.throwIfAborted();
      return options.openSession(token, answer.signal, repeat);
    }).finally(() => answer[Symbol.dispose]());
    const path = sessionOpening.then((session) => session.path);
    path.catch(() => {});
    let channel: Channel;
    try {
      channel = await options.transport.connect({
        // Which pod it is, only the session knows; elsewhere the way is opened meanwhile.
        endpoint: needsDataPod(options.target)
          ? (await sessionOpening).endpoint
          : options.target.bastionHost.endpoint,
        path,
        dial: options.dial,
        clock,
        frameSize: options.frameSize,
        signal,
      });
    } catch (error) {
      options.defer(sessionOpening.then((session) => session.close(), () => {}));
      throw error;
    }
    const firstRemote = channel.read();
    firstRemote.catch(() => {});
    return { channel, session: await sessionOpening, firstRemote };
  }

  /**
   * Waits until a byte has come or there is one to send: up to then a dead channel can be replaced.
   * A channel that fails before that rejects.
   */
  async function provesAlive(
    open: OpenChannel,
    startedAt: number,
    attempts: number,
  ): Promise<boolean> {
    // No time for another attempt: an idle program's connection is kept as it is.
    const elapsed = clock.now() - startedAt;
    const last = retryDelay({ error: SILENT, attempts, elapsed: elapsed + SILENCE, random: 1 }) ===
      undefined;
    if (last || localState === "spoke") return true;
    const silence = new AbortController();
    const silent = clock.sleep(SILENCE, AbortSignal.any([silence.signal, opening]))
      .then(() => false);
    try {
      return await Promise.race([
        open.firstRemote.then(() => true),
        firstLocal.then(() => true),
        silent,
      ]);
    } catch (error) {
      await abandon(open);
      throw error;
    } finally {
      silence.abort();
      silent.catch(() => {});
    }
  }

  async function abandon(open: OpenChannel): Promise<void> {
    options.defer(open.channel.close().then(() => open.session.close()));
    await open.firstRemote.catch(() => {});
  }

  /** A service that hangs up before a byte has come could not reach the target, as a rule. */
  function explain(end: RelayEnd): RelayEnd {
    if (end.reason !== "failed") return end;
    if (counted.bytesDown > 0 || counted.bytesUp > MAX_GREETING) return end;
    const error = explainClose(end.error, options.target.label, clock.now() - upgradedAt);
    return { reason: "failed", error };
  }
}

/** Stands for silence when the retry rules are asked whether another attempt would be made. */
const SILENT = bastionError("upgrade-broken", { problem: "silence" });

/** EOF for a program whose connection never came about; what it sends is read and dropped. */
async function endLocal(
  local: LocalStream & ByteSource,
  pending: Promise<unknown>,
  clock: Clock,
): Promise<void> {
  const cancel = clock.after(2_000, close);
  try {
    await local.closeWrite();
    await pending;
    const scratch = new Uint8Array(4096);
    while (await local.read(scratch) !== null);
  } catch {
    // The program has gone already.
  } finally {
    cancel();
    close();
  }
  function close(): void {
    try {
      local.close();
    } catch {
      // Closed already.
    }
  }
}
