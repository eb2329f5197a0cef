/**
 * ssh2's client of version 3 of SFTP, without ssh2's connection: packets in, packets out. It is no
 * part of what ssh2 promises, so that its version is pinned, and a test tells when it changes. This
 * is the only file that knows of it.
 */

import type { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import { SFTP } from "ssh2/lib/protocol/SFTP.js";

/** What a server says of a file; it may leave out any of it. */
export interface ParsedAttributes {
  readonly mode?: number;
  readonly size?: number;
  /** Seconds since 1970. */
  readonly atime?: number;
  readonly mtime?: number;
}

export interface ParsedName {
  readonly filename: string;
  readonly attrs: ParsedAttributes;
}

/** A server's refusal has its number as `code`. */
export type Callback<Result> = (error?: Error & { code?: number }, result?: Result) => void;

export interface SftpParser extends EventEmitter {
  /** Bytes of the server's; null at the end. What they mean is told before it returns. */
  push(data: Buffer | null): void;
  open(path: string, flags: number, callback: Callback<Buffer>): void;
  close(handle: Buffer, callback: Callback<void>): void;
  read(
    handle: Buffer,
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    /** Without that wish the end of a file is as good as no bytes. */
    callback: Callback<number> & { _wantEOFError: true },
  ): void;
  write(
    handle: Buffer,
    from: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: Callback<void>,
  ): void;
  stat(path: string, callback: Callback<ParsedAttributes>): void;
  lstat(path: string, callback: Callback<ParsedAttributes>): void;
  setstat(path: string, attributes: ParsedAttributes, callback: Callback<void>): void;
  fsetstat(handle: Buffer, attributes: ParsedAttributes, callback: Callback<void>): void;
  opendir(path: string, callback: Callback<Buffer>): void;
  readdir(
    handle: Buffer,
    options: { readonly full: true },
    callback: Callback<readonly ParsedName[]>,
  ): void;
  mkdir(path: string, callback: Callback<void>): void;
  rmdir(path: string, callback: Callback<void>): void;
  unlink(path: string, callback: Callback<void>): void;
  rename(from: string, to: string, callback: Callback<void>): void;
  ext_openssh_rename(from: string, to: string, callback: Callback<void>): void;
  realpath(path: string, callback: Callback<string>): void;
  readlink(path: string, callback: Callback<string>): void;
  symlink(target: string, path: string, callback: Callback<void>): void;
  /** Sends the first packet; `ready` is emitted when the server has answered. */
  _init(): void;
  readonly _version: number;
  readonly _extensions: Readonly<Record<string, string>>;
  /** A server of OpenSSH's takes the words of a new link the other way round than the draft has them. */
  _isOpenSSH: boolean;
  /** The most that the server gives and takes at once, in bytes. */
  readonly _maxReadLen: number;
  readonly _maxWriteLen: number;
}

/** In place of ssh2's connection and channel. */
interface Internals {
  readonly _protocol: {
    readonly _remoteIdentRaw: string;
    channelData(id: number, bytes: Buffer): void;
    channelClose(id: number): void;
  };
}

interface Channel {
  readonly type: "sftp";
  readonly incoming: Record<string, never>;
  readonly outgoing: { id: number; state: "open"; window: number; packetSize: number };
}

const Sftp: new (client: Internals, channel: Channel, options: object) => SftpParser = SFTP;

/** @param send takes each packet whole @param close told when the parser gives up */
export function createSftpParser(send: (packet: Buffer) => void, close: () => void): SftpParser {
  return new Sftp(
    {
      _protocol: {
        _remoteIdentRaw: "",
        channelData: (_id, bytes) => send(bytes),
        channelClose: close,
      },
    },
    {
      type: "sftp",
      incoming: {},
      // Back-pressure is whoever waits for his answers.
      outgoing: { id: 0, state: "open", window: Infinity, packetSize: Infinity },
    },
    {},
  );
}
