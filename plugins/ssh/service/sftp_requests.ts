/**
 * SFTP's requests and answers over a stream of bytes. Nothing that comes is trusted: packets are
 * bounded, what is no answer to the request ends the session, and a stream that ends fails every
 * request that waits.
 */

import { Buffer } from "node:buffer";
import type { ByteStream, PluginContext } from "../../../core/mod.ts";
import { type Callback, createSftpParser, type SftpParser } from "./sftp_parser.ts";

export interface SftpRequest<Result> {
  /** What it is about, for the error that it may end with: "cannot ACTION PATH". */
  readonly action: string;
  readonly path: string;
  /** Calls one of the parser's requests. */
  readonly send: (parser: SftpParser, callback: Callback<Result>) => void;
  /** Judges what the server answers. */
  readonly isAnswer: (result: unknown) => result is Result;
}

export interface SftpRequests extends AsyncDisposable {
  ask<Result>(request: SftpRequest<Result>): Promise<Result>;
  /** The same of what has an end: null there. */
  askToEnd<Result>(request: SftpRequest<Result>): Promise<Result | null>;
  /** Nothing works any longer. */
  readonly failed: boolean;
  /** What the server must not say, as an error; nothing works from then on. */
  violation(problem: string): Error;
}

/** SFTP's numbers for what it refuses. */
const CODES: Readonly<Record<number, string>> = {
  2: "ssh/sftp-not-found",
  3: "ssh/sftp-denied",
  8: "ssh/sftp-unsupported",
};
/** The end of a file or directory, which is no failure. */
const END = 1;

/** What answers at all has done so by then, in ms. */
const FIRST_ANSWER = 30_000;
const BUFFER_SIZE = 256 * 1024;
/** So much of a server's words is shown, in characters. */
const MAX_WORDS = 300;

/** @throws BastionError `ssh/sftp-broken`, and why the stream was lost */
export async function openSftpRequests(
  stream: ByteStream,
  target: string,
  ctx: Pick<PluginContext, "error" | "clock">,
): Promise<SftpRequests> {
  let failure: Error | undefined;
  let writing = Promise.resolve();
  /** The parser forgets whoever is answered with nonsense. */
  const waiting = new Set<(reason: Error) => void>();
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {});

  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    ready.reject(failure);
    for (const reject of waiting) reject(failure);
    waiting.clear();
    stream.close();
  };
  const broken = (problem: string) =>
    ctx.error("ssh/sftp-broken", { target, problem: problem.slice(0, MAX_WORDS) });
  const violation = (problem: string) => {
    fail(broken(problem));
    return failure ?? broken(problem);
  };
  const parser = createSftpParser(
    (packet) => writing = writing.then(() => writeAll(stream, packet)).catch(fail),
    () => stream.close(),
  );
  parser.on("error", (error: Error) => violation(error.message));
  parser.on("ready", () => ready.resolve());

  async function pump(): Promise<void> {
    const buffer = Buffer.alloc(BUFFER_SIZE);
    try {
      for (;;) {
        const size = await stream.read(buffer);
        if (failure) return;
        if (size === null) throw broken("it has ended the session");
        push(buffer.subarray(0, size));
      }
    } catch (error) {
      fail(error);
    }
  }

  function push(bytes: Buffer): void {
    try {
      parser.push(bytes);
    } catch (error) {
      // A length that is no length: the parser has no error of its own for it.
      throw broken(error instanceof Error ? error.message : String(error));
    }
  }

  const pumping = pump();
  parser._init();
  const cancel = ctx.clock.after(
    FIRST_ANSWER,
    () => violation(`it has not answered within ${FIRST_ANSWER / 1000} s`),
  );
  async function dispose(): Promise<void> {
    fail(broken("it was closed"));
    await pumping;
    await writing;
  }
  try {
    await ready.promise;
    if (parser._version !== 3) throw violation(`it speaks version ${parser._version}`);
  } catch (error) {
    await dispose();
    throw error;
  } finally {
    cancel();
  }
  parser._isOpenSSH = "posix-rename@openssh.com" in parser._extensions;

  function start<Result, AtEnd>(
    request: SftpRequest<Result>,
    atEnd: (refused: Error) => Promise<AtEnd>,
  ): Promise<Result | AtEnd> {
    if (failure) return Promise.reject(failure);
    const { promise, resolve, reject } = Promise.withResolvers<Result | AtEnd>();
    waiting.add(reject);
    request.send(parser, (error, result) => {
      waiting.delete(reject);
      if (error?.code === END) resolve(atEnd(refusal(request, error)));
      else if (error) reject(refusal(request, error));
      else if (request.isAnswer(result)) resolve(result);
      else reject(violation(`what it answers is none to "${request.action}"`));
    });
    return promise;
  }

  function refusal(
    { action, path }: Pick<SftpRequest<unknown>, "action" | "path">,
    { code = 4, message }: Error & { code?: number },
  ): Error {
    const reason = message.slice(0, MAX_WORDS).replace(/\.+$/, "");
    return ctx.error(CODES[code] ?? "ssh/sftp-failed", { target, action, path, reason });
  }

  return {
    get failed() {
      return failure !== undefined;
    },
    violation,
    ask: (request) => start(request, (refused) => Promise.reject(refused)),
    askToEnd: (request) => start(request, () => Promise.resolve(null)),
    [Symbol.asyncDispose]: dispose,
  };
}

async function writeAll(stream: ByteStream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}
