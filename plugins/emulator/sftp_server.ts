/** SFTP, version 3 (draft-ietf-secsh-filexfer-02), over one directory. */

import { Buffer } from "node:buffer";
import { constants, type Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { join, posix, sep } from "node:path";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import { confinedPath, normalPath, OutsideError } from "./confined_path.ts";

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp;

/** Open files and directories of one client; OpenSSH's own limit is of this order. */
const MAX_HANDLES = 100;
/** Bytes of one answer to a read. */
const MAX_READ = 256 * 1024;
/** Names in one answer. */
const MAX_NAMES = 100;

type Handle =
  | { readonly kind: "file"; readonly file: fs.FileHandle }
  | { readonly kind: "directory"; readonly entries: ssh2.FileEntry[] };

/** A failure that SFTP has a code for. */
class SftpError extends Error {
  constructor(readonly code: number) {
    super();
  }
}

export function serveSftp(sftp: ssh2.SFTPWrapper, root: string): void {
  const handles = new Map<number, Handle>();
  let lastHandle = 0;
  /** Requests are carried out one after the other: a CLOSE must not overtake a WRITE. */
  let queue: Promise<void> = Promise.resolve();

  function serve(id: number, answer: () => Promise<void>): void {
    queue = queue.then(answer).catch((error: unknown) => sftp.status(id, statusOf(error)));
  }

  /** Carries out something that is answered by its success alone. */
  function perform(id: number, action: () => Promise<unknown>): void {
    serve(id, async () => {
      await action();
      sftp.status(id, STATUS_CODE.OK);
    });
  }

  function handleOf(bytes: Buffer): Handle {
    const handle = bytes.length === 4 ? handles.get(bytes.readUInt32BE()) : undefined;
    if (!handle) throw new SftpError(STATUS_CODE.FAILURE);
    return handle;
  }

  function fileOf(bytes: Buffer): fs.FileHandle {
    const handle = handleOf(bytes);
    if (handle.kind !== "file") throw new SftpError(STATUS_CODE.FAILURE);
    return handle.file;
  }

  function requireFreeHandle(): void {
    if (handles.size >= MAX_HANDLES) throw new SftpError(STATUS_CODE.FAILURE);
  }

  function keep(handle: Handle): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(lastHandle = (lastHandle + 1) >>> 0);
    handles.set(lastHandle, handle);
    return bytes;
  }

  const locate = (path: string, followLast = true) => confinedPath(root, path, followLast);

  sftp.on("OPEN", (id, path, flags, attributes) =>
    serve(id, async () => {
      requireFreeHandle();
      const file = await fs.open(await locate(path), openFlags(flags), attributes.mode ?? 0o644);
      sftp.handle(id, keep({ kind: "file", file }));
    }));
  sftp.on("READ", (id, handle, offset, length) =>
    serve(id, async () => {
      const buffer = Buffer.alloc(Math.min(length, MAX_READ));
      const { bytesRead } = await fileOf(handle).read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.data(id, buffer.subarray(0, bytesRead));
    }));
  sftp.on("WRITE", (id, handle, offset, data) =>
    perform(id, async () => {
      const file = fileOf(handle);
      for (let at = 0; at < data.length;) {
        at += (await file.write(data, at, data.length - at, offset + at)).bytesWritten;
      }
    }));
  sftp.on("CLOSE", (id, bytes) =>
    perform(id, async () => {
      const handle = handleOf(bytes);
      handles.delete(bytes.readUInt32BE());
      if (handle.kind === "file") await handle.file.close();
    }));
  sftp.on("OPENDIR", (id, path) =>
    serve(id, async () => {
      requireFreeHandle();
      const directory = await locate(path);
      const entries: ssh2.FileEntry[] = [];
      for (const name of [".", "..", ...await fs.readdir(directory)]) {
        // What `..` of the root is, is not for clients.
        const stats = await fs.lstat(name === ".." ? directory : join(directory, name));
        entries.push(entryOf(name, stats));
      }
      sftp.handle(id, keep({ kind: "directory", entries }));
    }));
  sftp.on("READDIR", (id, bytes) =>
    serve(id, () => {
      const handle = handleOf(bytes);
      if (handle.kind !== "directory") throw new SftpError(STATUS_CODE.FAILURE);
      const names = handle.entries.splice(0, MAX_NAMES);
      if (names.length === 0) sftp.status(id, STATUS_CODE.EOF);
      else sftp.name(id, names);
      return Promise.resolve();
    }));
  sftp.on(
    "STAT",
    (id, path) =>
      serve(id, async () => sftp.attrs(id, attributesOf(await fs.stat(await locate(path))))),
  );
  sftp.on(
    "LSTAT",
    (id, path) =>
      serve(
        id,
        async () => sftp.attrs(id, attributesOf(await fs.lstat(await locate(path, false)))),
      ),
  );
  sftp.on(
    "FSTAT",
    (id, handle) =>
      serve(id, async () => sftp.attrs(id, attributesOf(await fileOf(handle).stat()))),
  );
  sftp.on("SETSTAT", (id, path, attributes) =>
    perform(id, async () => {
      const file = await locate(path);
      if (attributes.size !== undefined) await fs.truncate(file, attributes.size);
      if (attributes.mode !== undefined) await fs.chmod(file, attributes.mode & 0o777);
      if (attributes.mtime !== undefined) await fs.utimes(file, attributes.atime, attributes.mtime);
    }));
  sftp.on("FSETSTAT", (id, handle, attributes) =>
    perform(id, async () => {
      const file = fileOf(handle);
      if (attributes.size !== undefined) await file.truncate(attributes.size);
      if (attributes.mode !== undefined) await file.chmod(attributes.mode & 0o777);
      if (attributes.mtime !== undefined) await file.utimes(attributes.atime, attributes.mtime);
    }));
  sftp.on("REMOVE", (id, path) => perform(id, async () => fs.unlink(await locate(path, false))));
  sftp.on("RMDIR", (id, path) => perform(id, async () => fs.rmdir(await locate(path, false))));
  sftp.on("MKDIR", (id, path) => perform(id, async () => fs.mkdir(await locate(path, false))));
  sftp.on("RENAME", (id, from, to) =>
    perform(id, async () => {
      const target = await locate(to, false);
      // Version 3 has it so: what is there is never replaced.
      const isTaken = await fs.lstat(target).then(() => true, () => false);
      if (isTaken) throw new SftpError(STATUS_CODE.FAILURE);
      await fs.rename(await locate(from, false), target);
    }));
  sftp.on("REALPATH", (id, path) => {
    const filename = normalPath(path);
    sftp.name(id, [{ filename, longname: filename, attrs: emptyAttributes }]);
  });
  sftp.on("READLINK", (id, path) =>
    serve(id, async () => {
      const filename = await fs.readlink(await locate(path, false));
      sftp.name(id, [{ filename, longname: filename, attrs: emptyAttributes }]);
    }));
  // Links could lead out of the root, and no demo needs them.
  sftp.on("SYMLINK", (id) => sftp.status(id, STATUS_CODE.OP_UNSUPPORTED));
  sftp.on("EXTENDED", (id) => sftp.status(id, STATUS_CODE.OP_UNSUPPORTED));
  sftp.on("error", () => {});
  // The client has no more requests, and waits for our end.
  sftp.on("end", () =>
    serve(0, () => {
      sendExitStatus(sftp);
      sftp.end();
      return Promise.resolve();
    }));
  sftp.on("close", () => {
    queue = queue.then(async () => {
      for (const handle of handles.values()) {
        if (handle.kind === "file") await handle.file.close();
      }
      handles.clear();
    });
  });
}

/**
 * OpenSSH's scp takes a channel that closes without an exit status for a failure. ssh2 gives SFTP
 * channels no public way to send one; its version is pinned, and a test runs scp.
 */
function sendExitStatus(sftp: object): void {
  const { _protocol: protocol, outgoing } = sftp as {
    readonly _protocol: { exitStatus(channel: number, status: number): void };
    readonly outgoing: { readonly id: number; readonly state: string };
  };
  if (outgoing.state === "open") protocol.exitStatus(outgoing.id, 0);
}

const emptyAttributes: ssh2.Attributes = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };

function openFlags(flags: number): number {
  const has = (flag: number) => (flags & flag) !== 0;
  const access = has(OPEN_MODE.WRITE)
    ? has(OPEN_MODE.READ) ? constants.O_RDWR : constants.O_WRONLY
    : constants.O_RDONLY;
  return access |
    (has(OPEN_MODE.APPEND) ? constants.O_APPEND : 0) |
    (has(OPEN_MODE.CREAT) ? constants.O_CREAT : 0) |
    (has(OPEN_MODE.TRUNC) ? constants.O_TRUNC : 0) |
    (has(OPEN_MODE.EXCL) ? constants.O_EXCL : 0) |
    // A link that was put there between the check and now. Windows has no such flag.
    (sep === "/" ? constants.O_NOFOLLOW : 0);
}

function attributesOf(stats: Stats): ssh2.Attributes {
  return {
    mode: stats.mode,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    atime: Math.floor(stats.atimeMs / 1000),
    mtime: Math.floor(stats.mtimeMs / 1000),
  };
}

/** With the line that `ls -l` of OpenSSH's sftp shows as it is. */
function entryOf(filename: string, stats: Stats): ssh2.FileEntry {
  const letters = "rwxrwxrwx";
  const bits = [...letters].map((letter, i) => stats.mode & (0o400 >> i) ? letter : "-").join("");
  const kind = stats.isDirectory() ? "d" : stats.isSymbolicLink() ? "l" : "-";
  const date = stats.mtime.toISOString().slice(0, 16).replace("T", " ");
  const longname = `${kind}${bits} 1 demo demo ${
    String(stats.size).padStart(10)
  } ${date} ${filename}`;
  return { filename: posix.basename(filename), longname, attrs: attributesOf(stats) };
}

function statusOf(error: unknown): number {
  if (error instanceof SftpError) return error.code;
  if (error instanceof OutsideError) return STATUS_CODE.PERMISSION_DENIED;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return STATUS_CODE.NO_SUCH_FILE;
  if (code === "EACCES" || code === "EPERM" || code === "ELOOP") {
    return STATUS_CODE.PERMISSION_DENIED;
  }
  return STATUS_CODE.FAILURE;
}
