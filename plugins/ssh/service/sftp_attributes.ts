/** Attributes of files, between ours and those of version 3 of SFTP. Pure. */

import type { SftpAttributes, SftpChanges } from "../../../core/mod.ts";
import type { ParsedAttributes } from "./sftp_parser.ts";

const TYPE_BITS = 0o170000;
const KINDS: Readonly<Record<number, SftpAttributes["kind"]>> = {
  0o100000: "file",
  0o040000: "directory",
  0o120000: "link",
};

/** @throws RangeError for a size that no file has: it is the server's word */
export function fromServer({ mode = 0, size = 0, atime = 0, mtime = 0 }: ParsedAttributes) {
  if (!Number.isSafeInteger(size)) throw new RangeError(`a file cannot have ${size} bytes`);
  const attributes: SftpAttributes = {
    kind: KINDS[mode & TYPE_BITS] ?? "other",
    size,
    mode: mode & 0o7777,
    accessed: atime * 1000,
    modified: mtime * 1000,
  };
  return attributes;
}

export function toServer({ size, mode, accessed, modified }: SftpChanges): ParsedAttributes {
  const atime = accessed ?? modified;
  const mtime = modified ?? accessed;
  return {
    ...(size === undefined ? {} : { size }),
    ...(mode === undefined ? {} : { mode: mode & 0o7777 }),
    ...(atime === undefined || mtime === undefined
      ? {}
      : { atime: seconds(atime), mtime: seconds(mtime) }),
  };
}

/** The protocol counts up to 2106, and does not know what was before 1970. */
function seconds(ms: number): number {
  return Math.min(Math.max(Math.floor(ms / 1000), 0), 2 ** 32 - 1);
}
