/** Reads SSH's binary fields (RFC 4251, section 5). */

import type { Buffer } from "node:buffer";

/** Each throws a RangeError where the bytes end before the field does. */
export interface SshReader {
  uint32(): number;
  uint64(): bigint;
  /** A length and so many bytes; a view. */
  bytes(): Buffer;
  text(): string;
  at(): number;
  atEnd(): boolean;
}

export function createSshReader(data: Buffer): SshReader {
  let at = 0;
  const take = (size: number): Buffer => {
    if (size > data.length - at) throw new RangeError("the bytes end within a field");
    return data.subarray(at, at += size);
  };
  const uint32 = () => take(4).readUInt32BE();
  const bytes = () => take(uint32());
  return {
    uint32,
    uint64: () => take(8).readBigUInt64BE(),
    bytes,
    text: () => bytes().toString("utf8"),
    at: () => at,
    atEnd: () => at === data.length,
  };
}
