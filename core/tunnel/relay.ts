/**
 * Copies bytes both ways between a local stream and a channel, to the end of both.
 *
 * Each direction is one loop that reads only after it has written: what one side does not take, the
 * other is not asked for, and nothing is queued.
 */

import type { Clock } from "../clock.ts";
import { bastionError } from "../errors.ts";
import type { Turns } from "../net/turns.ts";
import type { AdaptiveReader } from "./adaptive_reader.ts";
import { PingClock } from "./ping_clock.ts";
import type { Channel } from "./transport.ts";

/** The local side: a TCP connection as Deno has it, or stdin and stdout. */
export interface LocalStream {
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}

export interface RelayOptions {
  readonly local: LocalStream;
  readonly localReader: Pick<AdaptiveReader, "read" | "release">;
  /** The first local read, begun while the channel was being opened. */
  readonly firstLocal: Promise<Uint8Array | null>;
  readonly channel: Channel;
  /** The first read from the channel, begun already. */
  readonly firstRemote: Promise<Uint8Array | null>;
  readonly clock: Clock;
  readonly turns: Pick<Turns, "enter" | "moved">;
  /** How long the far side may be silent once the local side has ended, in ms. */
  readonly halfCloseGrace: number;
  /** A ping after so many ms without a byte, the end after three times as long; 0 for never. */
  readonly pingInterval: number;
  /** Ends both sides at once. */
  readonly signal: AbortSignal;
  readonly counted: { bytesUp: number; bytesDown: number };
  /** How it ended is known; the local side may still take a while to notice. */
  readonly onEnd: (end: RelayEnd) => void;
  /** The channel is closed: its session can be deleted. */
  readonly onChannelClosed: () => void;
}

/** Which side ended first, or what went wrong. */
export type RelayEnd =
  | { readonly reason: "local-closed" | "remote-closed" | "stopped" }
  | { readonly reason: "failed"; readonly error: unknown };

/** What a local program that has gone had sent is looked for this long, in ms. */
const LAST_WORDS = 200;
/** A local program that sends nothing for so long after its EOF has its socket closed, in ms. */
const LINGER = 2_000;
/** And one that goes on sending, after so long. */
const MAX_LINGER = 30_000;
/** How long a far side that takes nothing any longer may be silent before it is given up, in ms. */
const DRAIN = 5_000;

export async function relay(options: RelayOptions): Promise<void> {
  const { local, localReader, channel, clock, counted, turns } = options;
  const leave = turns.enter();
  /** The local side takes nothing any longer; the other way round for the channel. */
  let localGone = false;
  let channelGone = false;
  /** Since when a read from the channel has been outstanding; undefined while none is. */
  let remoteQuietSince: number | undefined = clock.now();
  let lastLocalByte = clock.now();
  /** A write to the channel that the far side has not taken yet; when the last one was taken. */
  let upBlocked = false;
  let lastWrite = clock.now();
  let end: RelayEnd | undefined;
  let channelClosed: Promise<void> | undefined;
  const timers = new Set<() => void>();

  const later = (ms: number, action: () => void) => {
    const cancel = clock.after(ms, () => {
      timers.delete(cancel);
      action();
    });
    timers.add(cancel);
  };

  /** The first call says why; what follows is only its consequence. */
  function endBy(how: RelayEnd): void {
    end ??= how;
    channelClosed ??= channel.close().then(options.onChannelClosed, options.onChannelClosed);
  }

  /** Local to remote, to the end of the local side. What the far side no longer takes is dropped. */
  async function pumpUp(): Promise<"eof" | "broken"> {
    try {
      for (let bytes = await options.firstLocal; bytes; bytes = await localReader.read()) {
        lastLocalByte = clock.now();
        const turn = turns.moved(bytes.length);
        if (turn) await turn;
        if (channelGone) continue;
        try {
          upBlocked = true;
          await channel.write(bytes);
          upBlocked = false;
          lastWrite = clock.now();
          counted.bytesUp += bytes.length;
        } catch (error) {
          upBlocked = false;
          if (channelGone) continue;
          channelGone = true;
          // The other loop may still have bytes to deliver, and knows better what happened.
          endWhenRemoteIsSilent(DRAIN, { reason: "failed", error });
        }
      }
      return "eof";
    } catch {
      return "broken";
    }
  }

  /** Remote to local, to the end of the far side. What the local side no longer takes is dropped. */
  async function pumpDown(): Promise<void> {
    for (let bytes = await options.firstRemote; bytes; bytes = await channel.read()) {
      remoteQuietSince = undefined;
      if (!localGone) {
        try {
          for (let at = 0; at < bytes.length;) at += await local.write(bytes.subarray(at));
          counted.bytesDown += bytes.length;
        } catch {
          // A program that has gone may have sent something before: the other loop takes it along.
          localGone = true;
          endWhenUpStalls(clock.now());
        }
      }
      const turn = turns.moved(bytes.length);
      if (turn) await turn;
      remoteQuietSince = clock.now();
    }
  }

  /** While a slow local reader holds us up, the far side is not asked, and not silent. */
  function endWhenRemoteIsSilent(limit: number, how: RelayEnd): void {
    const quiet = remoteQuietSince === undefined ? 0 : clock.now() - remoteQuietSince;
    if (quiet >= limit) endBy(how);
    else later(limit - quiet, () => endWhenRemoteIsSilent(limit, how));
  }

  /**
   * A far side that has gone away without a word is found by pings. One that takes nothing at present
   * cannot be pinged: it may only be slow, and whether it still is there TCP will tell.
   */
  function watchPings(pings: PingClock): void {
    const quietSince = remoteQuietSince === undefined || upBlocked
      ? undefined
      : Math.max(remoteQuietSince, channel.lastByteAt, lastWrite);
    const { act, in: delay } = pings.due(clock.now(), quietSince, channel.pongs > 0);
    if (act === "give-up") {
      const seconds = Math.round(3 * options.pingInterval / 100) / 10;
      endBy({ reason: "failed", error: bastionError("peer-silent", { seconds }) });
      return;
    }
    if (act === "ping") channel.ping();
    later(delay, () => watchPings(pings));
  }

  /** What the program sent before it went is here already; only a slow far side keeps it waiting. */
  function endWhenUpStalls(since: number): void {
    const before = counted.bytesUp;
    later(LAST_WORDS, () => {
      const stalled = counted.bytesUp === before;
      if (stalled && (!upBlocked || clock.now() - since >= LINGER)) {
        endBy({ reason: "local-closed" });
      } else endWhenUpStalls(stalled ? since : clock.now());
    });
  }

  /** Closes the local socket when its program has nothing more to say, or says too much. */
  function closeLocalWhenQuiet(since: number): void {
    const quiet = clock.now() - Math.max(lastLocalByte, since);
    // After a bad end nobody is to believe that what goes on being sent arrives.
    const limit = end?.reason === "failed" ? LINGER : MAX_LINGER;
    if (quiet >= LINGER || clock.now() - since >= limit) closeQuietly(local);
    else later(Math.min(LINGER - quiet, 500), () => closeLocalWhenQuiet(since));
  }

  const stop = () => {
    endBy({ reason: "stopped" });
    // A program that reads nothing would hold up the loop that writes to it.
    later(LINGER, () => closeQuietly(local));
  };
  options.signal.addEventListener("abort", stop, { once: true });
  if (options.signal.aborted) stop();

  if (options.pingInterval > 0) {
    const pings = new PingClock(options.pingInterval, clock.now());
    later(options.pingInterval, () => watchPings(pings));
  }

  const up = pumpUp().then((how) => {
    if (how === "broken" || localGone) {
      localGone = true;
      endBy({ reason: "local-closed" });
      return;
    }
    // No half-close crosses the tunnel: the reply is waited for, within a grace.
    if (remoteQuietSince !== undefined) remoteQuietSince = clock.now();
    endWhenRemoteIsSilent(options.halfCloseGrace, { reason: "local-closed" });
  });

  try {
    await pumpDown();
    end ??= { reason: "remote-closed" };
  } catch (error) {
    end ??= { reason: "failed", error };
  }
  // Everything that came was delivered; nothing more can be sent.
  channelGone = true;
  endBy(end);
  options.onEnd(end);
  await local.closeWrite().catch(() => {});
  // Closing a socket with unread input destroys what it has not sent yet: read to the end first.
  closeLocalWhenQuiet(clock.now());
  await up;
  closeQuietly(local);
  for (const cancel of timers) cancel();
  options.signal.removeEventListener("abort", stop);
  await channelClosed;
  localReader.release();
  leave();
}

function closeQuietly(stream: LocalStream): void {
  try {
    stream.close();
  } catch {
    // Closed already.
  }
}
