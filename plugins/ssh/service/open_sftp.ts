/** Files of a VM, over the byte stream of its SFTP subsystem. */

import { Buffer } from "node:buffer";
import type {
  ByteStream,
  PluginContext,
  Sftp,
  SftpEntry,
  SftpFile,
  SftpOpenMode,
} from "../../../core/mod.ts";
import { remotePath } from "./remote_path.ts";
import { fromServer, toServer } from "./sftp_attributes.ts";
import type { Callback, ParsedAttributes, ParsedName, SftpParser } from "./sftp_parser.ts";
import { openSftpRequests, type SftpRequest, type SftpRequests } from "./sftp_requests.ts";

const READ = 0x01;
const WRITE = 0x02;
const CREATE = 0x08;
const TRUNCATE = 0x10;
const EXCLUSIVE = 0x20;

const FLAGS = {
  read: READ,
  write: WRITE | CREATE | TRUNCATE,
  resume: WRITE | CREATE,
  create: WRITE | CREATE | EXCLUSIVE,
} as const satisfies Record<SftpOpenMode, number>;

/** With what is around them, they fit into a packet of the 256 KiB that the parser takes. */
const MAX_DATA = 255 * 1024;
/** A directory with more entries is not listed: it would be the server that fills our memory. */
const MAX_ENTRIES = 1_000_000;

type Send<Result> = (parser: SftpParser, callback: Callback<Result>) => void;

const isDone = (_result: unknown): _result is void => true;
const isHandle = (result: unknown): result is Buffer => Buffer.isBuffer(result);
const isText = (result: unknown): result is string => typeof result === "string";
const isSize = (result: unknown): result is number => typeof result === "number";
const isNames = (result: unknown): result is readonly ParsedName[] => Array.isArray(result);
const isAttributes = (result: unknown): result is ParsedAttributes =>
  typeof result === "object" && !isNames(result) && !isHandle(result);

/** @throws BastionError `ssh/sftp-broken`, and why the stream was lost */
export async function openSftp(
  stream: ByteStream,
  target: string,
  ctx: Pick<PluginContext, "error" | "clock">,
): Promise<Sftp> {
  const requests = await openSftpRequests(stream, target, ctx);
  const done = (action: string, path: string, send: Send<void>) =>
    requests.ask({ action, path, send, isAnswer: isDone });
  const text = (action: string, path: string, send: Send<string>) =>
    requests.ask({ action, path, send, isAnswer: isText });
  const found = async (path: string, send: Send<ParsedAttributes>) => {
    const asked = { action: "find", path, send, isAnswer: isAttributes };
    return attributesOf(await requests.ask(asked), requests);
  };
  let home: Promise<string> | undefined;
  return {
    async pathOf(written) {
      home ??= text("find", ".", (parser, callback) => parser.realpath(".", callback));
      const path = remotePath(written, await home);
      if (path === undefined) throw ctx.error("ssh/remote-path-odd", { path: written });
      return path;
    },
    async open(path, mode) {
      const send: Send<Buffer> = (parser, callback) => parser.open(path, FLAGS[mode], callback);
      return fileOf(await openHandle("open", path, send, requests), path, requests);
    },
    stat: (path) => found(path, (parser, callback) => parser.stat(path, callback)),
    lstat: (path) => found(path, (parser, callback) => parser.lstat(path, callback)),
    setAttributes: (path, changes) =>
      done("change", path, (p, callback) => p.setstat(path, toServer(changes), callback)),
    list: (path) => list(path, requests),
    makeDirectory: (path) =>
      done("make the directory", path, (parser, callback) => parser.mkdir(path, callback)),
    removeDirectory: (path) =>
      done("remove the directory", path, (parser, callback) => parser.rmdir(path, callback)),
    remove: (path) => done("remove", path, (parser, callback) => parser.unlink(path, callback)),
    rename: (from, to) =>
      done(
        "rename",
        `${from} to ${to}`,
        (parser, callback) =>
          parser._extensions["posix-rename@openssh.com"] === "1"
            ? parser.ext_openssh_rename(from, to, callback)
            : parser.rename(from, to, callback),
      ),
    realPath: (path) => text("find", path, (parser, callback) => parser.realpath(path, callback)),
    readLink: (path) => text("read", path, (parser, callback) => parser.readlink(path, callback)),
    makeLink: (path, to) =>
      done("make the link", path, (parser, callback) => parser.symlink(to, path, callback)),
    [Symbol.asyncDispose]: () => requests[Symbol.asyncDispose](),
  };
}

/** The parser's view of it lasts only as long as its callback. */
function openHandle(
  action: string,
  path: string,
  send: Send<Buffer>,
  requests: SftpRequests,
): Promise<Buffer> {
  return requests.ask({
    action,
    path,
    isAnswer: isHandle,
    send: (parser, callback) =>
      send(
        parser,
        (error, handle) => callback(error, isHandle(handle) ? Buffer.from(handle) : handle),
      ),
  });
}

function closeHandle(handle: Buffer, path: string): SftpRequest<void> {
  return {
    action: "close",
    path,
    send: (parser, callback) => parser.close(handle, callback),
    isAnswer: isDone,
  };
}

function attributesOf(parsed: ParsedAttributes, { violation }: SftpRequests) {
  try {
    return fromServer(parsed);
  } catch (error) {
    throw violation(error instanceof Error ? error.message : String(error));
  }
}

async function list(path: string, requests: SftpRequests): Promise<readonly SftpEntry[]> {
  const action = "list";
  const handle = await openHandle(
    action,
    path,
    (parser, callback) => parser.opendir(path, callback),
    requests,
  );
  const entries: SftpEntry[] = [];
  try {
    for (;;) {
      const part = await requests.askToEnd({
        action,
        path,
        send: (parser, callback) => parser.readdir(handle, { full: true }, callback),
        isAnswer: isNames,
      });
      if (part === null) return entries;
      if (part.length === 0) throw requests.violation("it lists nothing, without an end");
      for (const { filename, attrs } of part) {
        if (filename === "." || filename === "..") continue;
        entries.push({ name: filename, attributes: attributesOf(attrs, requests) });
      }
      if (entries.length > MAX_ENTRIES) {
        throw requests.violation(`${path} has more than ${MAX_ENTRIES} entries`);
      }
    }
  } finally {
    await requests.ask(closeHandle(handle, path)).catch(() => {});
  }
}

function fileOf(handle: Buffer, path: string, requests: SftpRequests): SftpFile {
  return {
    async read(into, at) {
      if (into.length === 0) return 0;
      const buffer = Buffer.from(into.buffer, into.byteOffset, into.length);
      const size = await requests.askToEnd({
        action: "read",
        path,
        isAnswer: isSize,
        send(parser, callback) {
          // Of more, ssh2 would make a chain of requests, and lose the first at the file's end.
          const length = Math.min(into.length, MAX_DATA, parser._maxReadLen);
          const ended = Object.assign(callback, { _wantEOFError: true as const });
          parser.read(handle, buffer, 0, length, at, ended);
        },
      });
      if (size === 0) throw requests.violation("it gives no bytes, without an end");
      return size;
    },
    async write(bytes, at) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const parts: Promise<void>[] = [];
      for (let from = 0; from < buffer.length; from += MAX_DATA) {
        const size = Math.min(MAX_DATA, buffer.length - from);
        parts.push(requests.ask({
          action: "write",
          path,
          send: (parser, callback) => parser.write(handle, buffer, from, size, at + from, callback),
          isAnswer: isDone,
        }));
      }
      await Promise.all(parts);
    },
    setAttributes: (changes) =>
      requests.ask({
        action: "change",
        path,
        send: (parser, callback) => parser.fsetstat(handle, toServer(changes), callback),
        isAnswer: isDone,
      }),
    async [Symbol.asyncDispose]() {
      try {
        await requests.ask(closeHandle(handle, path));
      } catch (error) {
        // Whoever reads and writes is told that; it would only hide what he says of it.
        if (!requests.failed) throw error;
      }
    },
  };
}
