/**
 * An SFTP server on stdin and stdout with a Windows server's names: one root, drives in it, and `/`
 * between the rest. A program of its own: its argument is the folder that is drive C.
 */

import { Buffer } from "node:buffer";
import { sshString } from "../../plugins/ssh/ssh_signature.ts";

const HOME = "/C:/Users/ada";
const OK = 0;
const END = 1;
const NO_SUCH_FILE = 2;
const UNSUPPORTED = 8;

/** Where `/C:/x` is; nothing for whatever Windows' server would not find. */
export function localPath(path: string, root: string): string | undefined {
  const [, rest] = /^\/C:(\/[^\\:]*)$/i.exec(path) ?? [];
  return rest === undefined ? undefined : `${root}${rest}`;
}

async function serve(root: string): Promise<void> {
  const files = new Map<string, Deno.FsFile>();
  let heard = Buffer.alloc(0);
  for await (const chunk of Deno.stdin.readable) {
    heard = Buffer.concat([heard, chunk]);
    while (heard.length >= 4 && heard.length >= 4 + heard.readUInt32BE()) {
      const packet = heard.subarray(4, 4 + heard.readUInt32BE());
      heard = heard.subarray(4 + packet.length);
      const answer = sshString(await answerTo(packet, root, files));
      for (let at = 0; at < answer.length;) at += await Deno.stdout.write(answer.subarray(at));
    }
  }
}

async function answerTo(
  packet: Buffer,
  root: string,
  files: Map<string, Deno.FsFile>,
): Promise<Buffer> {
  const id = packet.subarray(1, 5);
  const status = (code: number) =>
    Buffer.concat([Buffer.of(101), id, number(code), sshString(`status ${code}`), sshString("")]);
  let at = 5;
  const text = () => {
    const end = at + 4 + packet.readUInt32BE(at);
    const bytes = packet.subarray(at + 4, end);
    at = end;
    return bytes;
  };
  switch (packet[0]) {
    case 1:
      return Buffer.from([2, 0, 0, 0, 3]);
    case 3: {
      const local = localPath(text().toString(), root);
      if (local === undefined) return status(NO_SUCH_FILE);
      const handle = String(files.size);
      const write = (packet.readUInt32BE(at) & 2) !== 0;
      files.set(handle, await Deno.open(local, { read: !write, write, create: write }));
      return Buffer.concat([Buffer.of(102), id, sshString(handle)]);
    }
    case 4:
      files.get(text().toString())?.close();
      return status(OK);
    case 5: {
      const file = files.get(text().toString());
      const into = Buffer.alloc(packet.readUInt32BE(at + 8));
      await file?.seek(packet.readBigUInt64BE(at), Deno.SeekMode.Start);
      const size = await file?.read(into);
      return typeof size === "number"
        ? Buffer.concat([Buffer.of(103), id, sshString(into.subarray(0, size))])
        : status(END);
    }
    case 6: {
      const file = files.get(text().toString());
      await file?.seek(packet.readBigUInt64BE(at), Deno.SeekMode.Start);
      at += 8;
      await file?.write(text());
      return status(OK);
    }
    case 16: {
      const path = text().toString();
      const name = sshString(path === "." ? HOME : path);
      return Buffer.concat([Buffer.of(104), id, number(1), name, name, number(0)]);
    }
    default:
      return status(UNSUPPORTED);
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

if (import.meta.main) await serve(Deno.args[0] ?? "");
