import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import config from "../../../deno.json" with { type: "json" };
import { createSftpParser } from "./sftp_parser.ts";

// What is used of ssh2 here is no part of what it promises: another version must be looked at anew.
Deno.test("sftpParser: ssh2 is the version whose inside is known", () => {
  assert.equal(config.imports.ssh2, "npm:ssh2@1.17.0");
});

Deno.test("sftpParser: what is used of ssh2's inside is there", () => {
  const sent: string[] = [];
  let closed = 0;
  const parser = createSftpParser((packet) => sent.push(packet.toString("hex")), () => closed++);
  parser.on("error", () => {});
  let ready = 0;
  parser.on("ready", () => ready++);
  parser._init();
  assert.deepEqual(sent.splice(0), ["000000050100000003"]);
  // Version 3, and one extension.
  const extension = Buffer.from("\0\0\0\x18posix-rename@openssh.com\0\0\0\x011");
  const version = Buffer.concat([
    Buffer.of(0, 0, 0, 5 + extension.length, 2, 0, 0, 0, 3),
    extension,
  ]);
  // In two pieces.
  parser.push(version.subarray(0, 7));
  assert.deepEqual([ready, parser._version], [0, -1]);
  parser.push(version.subarray(7));
  assert.deepEqual([ready, parser._version], [1, 3]);
  assert.equal(parser._extensions["posix-rename@openssh.com"], "1");
  assert.ok(parser._maxReadLen > 30_000 && parser._maxWriteLen > 30_000);

  // The order of a link's words is OpenSSH's where it is said to be.
  const answers: unknown[] = [];
  for (const openssh of [false, true]) {
    parser._isOpenSSH = openssh;
    parser.symlink("to", "at", (error) => answers.push(error));
  }
  const words = sent.splice(0).map((packet) => Buffer.from(packet, "hex").subarray(9).toString());
  assert.deepEqual(words, ["\0\0\0\x02at\0\0\0\x02to", "\0\0\0\x02to\0\0\0\x02at"]);

  // The end of a file is told apart from no bytes, only where that is wished.
  const handle = Buffer.from("h");
  const into = Buffer.alloc(10);
  parser.read(
    handle,
    into,
    0,
    10,
    0,
    Object.assign(
      (error?: Error & { code?: number }) => answers.push(error?.code),
      { _wantEOFError: true as const },
    ),
  );
  parser.push(status(2, 1));
  assert.deepEqual(answers, [1]);

  parser.push(null);
  assert.equal(answers.length, 3, "whoever waits is told");
  assert.equal(closed, 0);
  parser.push(Buffer.of(0, 0, 0, 0));
  assert.equal(closed, 1, "no packet is empty");
});

function status(id: number, code: number): Buffer {
  return Buffer.concat([Buffer.of(0, 0, 0, 17, 101, 0, 0, 0, id, 0, 0, 0, code), Buffer.alloc(8)]);
}
