/** Reads files that the user names: whole, and only if they can be what they are meant to be. */

import { readSome } from "./read_some.ts";

/** @throws Error of the system's, and where the file is larger than `maxBytes` */
export async function readSmallText(file: string, maxBytes: number): Promise<string> {
  const bytes = await readSome(file, maxBytes + 1);
  if (bytes.length > maxBytes) throw new Error(`it is larger than ${maxBytes / 1024} KiB`);
  return new TextDecoder().decode(bytes);
}
