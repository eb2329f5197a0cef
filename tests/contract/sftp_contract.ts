/** What SFTP over a session of the service `ssh` promises, whichever client is behind it. */

import assert from "node:assert/strict";
import type { Sftp } from "../../core/mod.ts";
import { randomBytes, sha256, sha256OfFile } from "../helpers/file_tree.ts";
import { type SshService, withSshService } from "../helpers/ssh_service.ts";
import type { SshClientCase } from "./ssh_connection_contract.ts";

const MIB = 1024 ** 2;

export function sftpContract(
  name: string,
  { request, service: options, test }: SshClientCase,
): void {
  const withSftp = (what: string, body: (sftp: Sftp, service: SshService) => Promise<void>) =>
    test(`${name}: ${what}`, () =>
      withSshService(async (service) => {
        await using session = await service.open(request);
        await using sftp = await session.openSftp();
        await body(sftp, service);
      }, options));

  withSftp("files: written, found, changed, renamed over, removed", async (sftp, { azure }) => {
    const directory = azure.file("files");
    await sftp.makeDirectory(directory);
    const path = `${directory}/a b é`;
    {
      await using file = await sftp.open(path, "create");
      await file.write(new TextEncoder().encode("hello world"), 0);
      await file.setAttributes({ mode: 0o600 });
      await assert.rejects(sftp.open(path, "create"), { code: "ssh/sftp-failed" });
    }
    assert.equal(await Deno.readTextFile(path), "hello world");
    await sftp.setAttributes(path, { modified: 1_000_000_000_000, size: 5, mode: 0o640 });
    const { accessed: _accessed, ...found } = await sftp.stat(path);
    assert.deepEqual(found, { kind: "file", size: 5, mode: 0o640, modified: 1_000_000_000_000 });
    {
      await using file = await sftp.open(path, "resume");
      await file.write(new TextEncoder().encode("!!"), 4);
    }
    assert.equal(await Deno.readTextFile(path), "hell!!");

    await Deno.writeTextFile(`${directory}/other`, "old");
    await sftp.rename(path, `${directory}/other`);
    assert.equal(await Deno.readTextFile(`${directory}/other`), "hell!!");

    await sftp.makeLink(`${directory}/link`, "other");
    assert.equal(await Deno.readLink(`${directory}/link`), "other");
    assert.equal(await sftp.readLink(`${directory}/link`), "other");
    assert.equal((await sftp.lstat(`${directory}/link`)).kind, "link");
    assert.equal((await sftp.stat(`${directory}/link`)).kind, "file");
    assert.equal(
      await sftp.realPath(`${directory}/./link`),
      `${await Deno.realPath(directory)}/other`,
    );
    assert.deepEqual((await sftp.list(directory)).map(({ name }) => name).sort(), [
      "link",
      "other",
    ]);

    {
      await using file = await sftp.open(`${directory}/other`, "write");
      await file.write(new Uint8Array(), 0);
    }
    assert.equal((await sftp.stat(`${directory}/other`)).size, 0);
    await assert.rejects(sftp.removeDirectory(directory), { code: "ssh/sftp-failed" });
    await sftp.remove(`${directory}/link`);
    await sftp.remove(`${directory}/other`);
    await sftp.removeDirectory(directory);
    await assert.rejects(Deno.stat(directory), Deno.errors.NotFound);
  });

  withSftp("what cannot be is refused with the server's reason", async (sftp, { azure }) => {
    const missing = { code: "ssh/sftp-not-found", message: /cannot .* \/no such.*: No such file/ };
    await assert.rejects(sftp.stat("/no such/file"), missing);
    await assert.rejects(sftp.open("/no such/file", "read"), missing);
    await assert.rejects(sftp.list("/no such/file"), missing);
    await assert.rejects(sftp.rename("/no such/a", azure.file("b")), missing);
    // Nobody may write there; on Linux root neither.
    const path = Deno.build.os === "linux" ? "/proc/sys/kernel/ostype" : "/etc/passwd";
    await assert.rejects(sftp.open(path, "write"), {
      code: "ssh/sftp-denied",
      message: new RegExp(`may not open ${path}: Permission denied$`),
    });
    assert.equal((await sftp.stat("/")).kind, "directory", "it works on");
  });

  withSftp("a directory of 2000 entries", async (sftp, { azure }) => {
    const directory = azure.file("many");
    await Deno.mkdir(directory);
    const names = Array.from({ length: 2000 }, (_, n) => `file ${n}`);
    for (const each of names) Deno.writeTextFileSync(`${directory}/${each}`, "x");
    const entries = await sftp.list(directory);
    assert.deepEqual(entries.map(({ name: each }) => each).sort(), names.sort());
    assert.ok(entries.every(({ attributes }) => attributes.size === 1));
  });

  withSftp(
    "32 MiB up and down, several at once, in pieces of any size",
    async (sftp, { azure }) => {
      const size = 32 * MIB + 12345;
      const sent = randomBytes(size);
      const path = azure.file("big");
      const piece = 300_000;
      const starts = Array.from({ length: Math.ceil(size / piece) }, (_, n) => n * piece);
      {
        await using file = await sftp.open(path, "write");
        await each(starts, 8, (at) => file.write(sent.subarray(at, at + piece), at));
      }
      assert.equal(await sha256OfFile(path), sha256(sent));
      const received = new Uint8Array(size);
      await using file = await sftp.open(path, "read");
      await each(starts, 8, async (start) => {
        const end = Math.min(start + piece, size);
        for (let at = start; at < end;) {
          const got = await file.read(received.subarray(at, end), at);
          assert.ok(got, `bytes at ${at}`);
          at += got;
        }
      });
      assert.equal(sha256(received), sha256(sent));
      assert.equal(await file.read(new Uint8Array(10), size), null);
      assert.equal(await file.read(new Uint8Array(10), size - 4), 4);
    },
  );
}

/** Runs `work` for each, so many at once. */
async function each<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
