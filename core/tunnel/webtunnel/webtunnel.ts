/**
 * The transport `webtunnel`: our own WebSocket client on Deno's TLS. TCP and TLS are opened while
 * the session's tokens are fetched, so that a connection costs three round trips before data flows.
 */

import type { Clock } from "../../clock.ts";
import { bastionError } from "../../errors.ts";
import { problemOf } from "../../net/network_error.ts";
import type { Secret } from "../../secret.ts";
import { BufferPool } from "../buffer_pool.ts";
import type { ChannelOptions, Transport } from "../transport.ts";
import { refusalDetail } from "../refusal_detail.ts";
import { parseRetryAfter } from "../retry.ts";
import { openChannel, WRITE_SIZE } from "./channel.ts";
import { encodedLimit } from "./frame_encoder.ts";
import {
  beginsWithHttp,
  createUpgradeRequest,
  MAX_HEAD,
  parseUpgradeAnswer,
  problemOfUpgrade,
  type UpgradeAnswer,
} from "./handshake.ts";

/** How long the service may take to answer the upgrade. */
const UPGRADE_TIMEOUT = 15_000;
/** Of a refusal's body so much is read, for the reason in it. */
const MAX_REFUSAL_BODY = 16 * 1024;
const REFUSAL_BODY_TIMEOUT = 2_000;

const READ_SIZE = 64 * 1024;

export function createWebTunnel(): Transport {
  const readBuffers = new BufferPool(READ_SIZE);
  const writeBuffers = new Map<number, BufferPool>();

  return {
    name: "webtunnel",
    async connect(options) {
      // A multiple of four lets every frame of a write be masked by the word.
      const frameSize = options.frameSize & ~3 || options.frameSize;
      let pool = writeBuffers.get(frameSize);
      if (!pool) {
        pool = new BufferPool(encodedLimit(WRITE_SIZE, frameSize));
        writeBuffers.set(frameSize, pool);
      }
      const { conn, path } = await dialWhileFetching(options);
      try {
        const early = await within(
          UPGRADE_TIMEOUT,
          options.clock,
          options.signal,
          conn,
          () => upgrade(conn, options.endpoint, path, options.clock),
        );
        return openChannel({
          conn,
          early,
          frameSize,
          clock: options.clock,
          readBuffers,
          writeBuffers: pool,
        });
      } catch (error) {
        drop(conn);
        throw error;
      }
    },
  };
}

/** Both, or neither: where the path is refused, the connection is not left open. */
async function dialWhileFetching(
  options: ChannelOptions,
): Promise<{ conn: Deno.TlsConn; path: Secret }> {
  const cancel = new AbortController();
  const dialing = options.dial(
    options.endpoint,
    AbortSignal.any([options.signal, cancel.signal]),
  );
  // Its failure is looked at below; until then it must not count as unhandled.
  dialing.catch(() => {});
  try {
    const path = await options.path;
    return { conn: await dialing, path };
  } catch (error) {
    cancel.abort();
    await dialing.then(drop, () => {});
    throw error;
  }
}

/** Sends the request and reads the answer; returns what came behind its head. */
async function upgrade(
  conn: Deno.TlsConn,
  endpoint: string,
  path: Secret,
  clock: Clock,
): Promise<Uint8Array> {
  const request = await createUpgradeRequest(endpoint, path.reveal());
  for (let at = 0; at < request.bytes.length;) at += await conn.write(request.bytes.subarray(at));
  const { answer, rest } = await readAnswer(conn);
  if (answer.status !== 101) throw await refusal(conn, answer, rest, clock);
  const problem = problemOfUpgrade(answer, request.accept);
  if (problem) throw bastionError("upgrade-broken", { problem });
  if (beginsWithHttp(rest)) {
    throw bastionError("upgrade-broken", { problem: "an HTTP error follows its 101" });
  }
  return rest;
}

async function readAnswer(
  conn: Deno.TlsConn,
): Promise<{ answer: UpgradeAnswer; rest: Uint8Array }> {
  let buffer = new Uint8Array(4096);
  let length = 0;
  for (;;) {
    if (length === buffer.length) buffer = grown(buffer);
    const n = await readOrCut(conn, buffer.subarray(length));
    if (n === null) {
      throw bastionError("upgrade-broken", { problem: "it closed the connection in place of it" });
    }
    length += n;
    const answer = parseUpgradeAnswer(buffer.subarray(0, length));
    if (!answer) continue;
    if ("problem" in answer) throw bastionError("upgrade-broken", { problem: answer.problem });
    // A copy: the connection lives on with it, and must not keep the whole buffer.
    return { answer, rest: buffer.slice(answer.bodyAt, length) };
  }
}

function grown(buffer: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(buffer.length * 2, MAX_HEAD + 4096));
  larger.set(buffer);
  return larger;
}

async function readOrCut(conn: Deno.TlsConn, into: Uint8Array): Promise<number | null> {
  try {
    return await conn.read(into);
  } catch (error) {
    throw bastionError("upgrade-broken", { problem: problemOf(error) }, error);
  }
}

/** The error for any status but 101, with the reason that the body gives. */
async function refusal(
  conn: Deno.TlsConn,
  answer: UpgradeAnswer,
  rest: Uint8Array,
  clock: Clock,
): Promise<Error> {
  const declared = Number(answer.headers.get("content-length") ?? Number.NaN);
  const wanted = Number.isInteger(declared) && declared >= 0
    ? Math.min(declared, MAX_REFUSAL_BODY)
    : MAX_REFUSAL_BODY;
  const body = new Uint8Array(MAX_REFUSAL_BODY);
  let length = Math.min(rest.length, MAX_REFUSAL_BODY);
  body.set(rest.subarray(0, length));
  // The status is known; for the reason nobody waits long.
  const cancel = clock.after(REFUSAL_BODY_TIMEOUT, () => drop(conn));
  while (length < wanted) {
    const n = await conn.read(body.subarray(length)).catch(() => null);
    if (n === null) break;
    length += n;
    // Without a length the end of a chunked body is all there is to go by.
    if (Number.isNaN(declared) && endsChunked(body.subarray(0, length))) break;
  }
  cancel();
  const text = new TextDecoder().decode(body.subarray(0, length));
  const chunked = /\bchunked\b/i.test(answer.headers.get("transfer-encoding") ?? "");
  const detail = refusalDetail(chunked ? withoutChunkSizes(text) : text);
  const error = answer.status === 403
    ? bastionError("upgrade-forbidden", { detail })
    : bastionError("upgrade-refused", { status: answer.status, detail });
  const retryAfter = parseRetryAfter(answer.headers.get("retry-after") ?? null, clock.date());
  if (retryAfter !== undefined) error.retryAfter = retryAfter;
  return error;
}

function endsChunked(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(-7)).endsWith("\r\n0\r\n\r\n");
}

/** Good enough for a reason that is shown to people. */
function withoutChunkSizes(text: string): string {
  return text.replace(/(^|\r\n)[0-9a-f]+\r\n/gi, "").replace(/\r\n$/, "");
}

/** Runs `work` on `conn`, which is closed where time or signal end first. */
async function within<T>(
  ms: number,
  clock: Clock,
  signal: AbortSignal,
  conn: Deno.TlsConn,
  work: () => Promise<T>,
): Promise<T> {
  let late = false;
  const stop = () => drop(conn);
  const cancel = clock.after(ms, () => {
    late = true;
    stop();
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (!late) throw error;
    throw bastionError(
      "upgrade-broken",
      { problem: `no answer came within ${ms / 1000} s` },
      error,
    );
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}

function drop(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
