import assert from "node:assert/strict";
import { join } from "node:path";
import { createLogger, type LogRecord } from "../logger.ts";
import { createPlatform } from "../platform.ts";
import { Secret } from "../secret.ts";
import { openJournal, type SessionKey } from "./journal.ts";

const platform = createPlatform(Deno.build.os, () => undefined);

function session(name: string): SessionKey {
  return {
    endpoint: "hub.example",
    authToken: new Secret(`token-${name}`),
    nodeId: `node-${name}`,
  };
}

async function inDirectory(
  work: (directory: string, log: LogRecord[]) => Promise<void>,
): Promise<void> {
  const base = await Deno.makeTempDir();
  try {
    await work(join(base, "sessions"), []);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

function open(directory: string, log: LogRecord[] = []) {
  return openJournal(directory, platform, createLogger("test", (record) => log.push(record)));
}

/** What a killed run leaves: the file, and no lock on it. */
async function leave(directory: string, text: string): Promise<void> {
  await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(join(directory, "dead.sessions"), text, { mode: 0o600 });
}

const line = (name: string, id: number, time = Date.now()) =>
  JSON.stringify({
    open: id,
    time,
    endpoint: "hub.example",
    nodeId: `node-${name}`,
    authToken: `token-${name}`,
  });

async function recovered(directory: string, gone = true): Promise<string[]> {
  const journal = await open(directory);
  const keys: string[] = [];
  await journal.recover((key) => {
    keys.push(`${key.endpoint} ${key.authToken.reveal()} ${key.nodeId}`);
    return Promise.resolve(gone);
  });
  journal.close();
  return keys;
}

Deno.test("what a dead run left open is handed over, once", () =>
  inDirectory(async (directory) => {
    await leave(directory, [line("a", 1), line("b", 2), '{"closed":1}', '{"op'].join("\n"));
    assert.deepEqual(await recovered(directory), ["hub.example token-b node-b"]);
    assert.deepEqual(await recovered(directory), []);
  }));

Deno.test("what could not be deleted is kept for the next start", () =>
  inDirectory(async (directory) => {
    await leave(directory, line("a", 1));
    assert.equal((await recovered(directory, false)).length, 1);
    assert.equal((await recovered(directory)).length, 1);
  }));

Deno.test("a living run's sessions are left alone", () =>
  inDirectory(async (directory) => {
    const journal = await open(directory);
    const entry = journal.opened(session("a"));
    assert.deepEqual(await recovered(directory), []);
    entry.closed();
    journal.close();
    assert.deepEqual([...Deno.readDirSync(directory)], [], "nothing is left where nothing is owed");
  }));

Deno.test("a run that ends without deleting a session leaves it to the next", () =>
  inDirectory(async (directory) => {
    const journal = await open(directory);
    const first = journal.opened(session("a"));
    journal.opened(session("b"));
    first.closed();
    journal.close();
    assert.deepEqual(await recovered(directory), ["hub.example token-b node-b"]);
  }));

Deno.test("old and senseless entries are dropped", () =>
  inDirectory(async (directory) => {
    const old = Date.now() - 25 * 60 * 60 * 1000;
    const senseless = ["null", "[]", "7", '{"open":1,"endpoint":7}', "\u0000"];
    await leave(directory, [line("a", 1, old), ...senseless].join("\n"));
    assert.deepEqual(await recovered(directory), []);
    assert.deepEqual([...Deno.readDirSync(directory)], []);
  }));

Deno.test({
  name: "file and directory are the user's alone; one that is not is not used",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inDirectory(async (directory) => {
      const journal = await open(directory);
      journal.opened(session("a"));
      assert.equal(((await Deno.stat(directory)).mode ?? 0) & 0o777, 0o700);
      for (const { name } of Deno.readDirSync(directory)) {
        assert.equal(((await Deno.stat(join(directory, name))).mode ?? 0) & 0o777, 0o600);
      }
      journal.close();

      await Deno.chmod(directory, 0o755);
      const log: LogRecord[] = [];
      const refused = await open(directory, log);
      const files = [...Deno.readDirSync(directory)].length;
      refused.opened(session("b")).closed();
      await refused.recover(() => Promise.reject(new Error("not to be called")));
      refused.close();
      assert.equal([...Deno.readDirSync(directory)].length, files);
      assert.deepEqual(log.map(({ level }) => level), ["warning"]);
      assert.match(String(log[0]?.fields["hint"]), /chmod 700/);
    }),
});
