/** What ends a tunnel besides Ctrl-C: `--once`, `--idle-timeout`, `--timeout`; and its port file. */

import assert from "node:assert/strict";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { writeAll } from "../helpers/local_server.ts";

/** Behind the VM's port 7 is the emulator's echo. */
function withEcho(body: (azure: EmulatedAzure) => Promise<void>): Promise<void> {
  return withAzure({ ports: { 7: "echo" } }, body);
}

async function exchange(conn: Deno.Conn): Promise<void> {
  await writeAll(conn, new TextEncoder().encode("hello"));
  const received = new Uint8Array(5);
  assert.equal(await conn.read(received), 5);
  assert.equal(new TextDecoder().decode(received), "hello");
}

/** EOF for the tunnel; the echo server gets it only with the whole connection's end. */
const NO_GRACE = ["--half-close-grace", "0"];

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test("--port-file appears whole, relative to the user's directory, and goes with the tunnel", () =>
  withEcho(async (azure) => {
    await Deno.mkdir(azure.file("cwd"));
    const file = azure.file("cwd", "port");
    const words = ["tunnel", "--json", ...azure.targetArgs(7), "--port-file", "port"];
    const tunnel = await azure.start(words, { cwd: azure.file("cwd") });
    // Whoever polls never sees it empty, or half of a number.
    const text = await eventually("the port file", () => textOf(file), { every: 1 });
    assert.match(text, /^\d+\n$/);
    assert.equal(Number(text), (await tunnel.listening()).port);
    tunnel.signal("SIGTERM");
    assert.equal((await tunnel.exit()).code, 0);
    assert.deepEqual([...Deno.readDirSync(azure.file("cwd"))], []);
  }));

Deno.test("--port-file that cannot be written: exit code 3, names the file, nothing is left", () =>
  withEcho(async (azure) => {
    const file = azure.file("no such folder", "port");
    const words = ["tunnel", "--json", ...azure.targetArgs(7), "--port-file", file];
    const tunnel = await azure.start(words);
    assert.equal((await tunnel.exit()).code, 3);
    const { code, message } = await tunnel.event("error");
    assert.equal(code, "file-failed");
    assert.ok(String(message).includes(file));
  }));

Deno.test("--once ends with its first connection: exit code 0", () =>
  withEcho(async (azure) => {
    const tunnel = await azure.openTunnel(7, ["--once", ...NO_GRACE]);
    const conn = await tunnel.connect();
    await exchange(conn);
    await assert.rejects(tunnel.connect(), Deno.errors.ConnectionRefused, "no second one");
    conn.close();
    assert.equal((await tunnel.exit()).code, 0);
    assert.equal((await tunnel.event("stopped"))["reason"], "once");
  }));

const failures = [
  { status: 401, code: "token-unauthorized", exitCode: 4 },
  { status: 403, code: "token-forbidden", exitCode: 5 },
  { status: 404, code: "token-not-found", exitCode: 6 },
  { status: 400, code: "token-refused", exitCode: 8 },
] as const;
for (const { status, code, exitCode } of failures) {
  Deno.test(`--once whose connection fails with ${status}: exit code ${exitCode}`, () =>
    withEcho(async (azure) => {
      const tunnel = await azure.openTunnel(7, ["--once"]);
      azure.emulator.setFaults([{ at: "token", kind: "status", status }]);
      using conn = await tunnel.connect();
      assert.equal(await conn.read(new Uint8Array(1)), null);
      conn.close();
      assert.equal((await tunnel.exit()).code, exitCode);
      assert.equal((await tunnel.event("connection-failed"))["code"], code);
    }));
}

Deno.test("--once to a port that nobody listens on: exit code 9", () =>
  withEcho(async (azure) => {
    const tunnel = await azure.openTunnel(8, ["--once"]);
    using conn = await tunnel.connect();
    assert.equal(await conn.read(new Uint8Array(1)), null);
    conn.close();
    assert.equal((await tunnel.exit()).code, 9);
  }));

Deno.test("--idle-timeout counts from the last connection's end: exit code 0", () =>
  withEcho(async (azure) => {
    const tunnel = await azure.openTunnel(7, ["--idle-timeout", "2s", ...NO_GRACE]);
    const conn = await tunnel.connect();
    await exchange(conn);
    // Longer than the limit: an open connection is no idle time, however quiet it is.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await exchange(conn);
    conn.close();
    assert.equal((await tunnel.exit()).code, 0);
    assert.equal((await tunnel.event("stopped"))["reason"], "idle-timeout");
  }));

Deno.test("--timeout ends the tunnel, whatever goes on: exit code 0", () =>
  withEcho(async (azure) => {
    const tunnel = await azure.openTunnel(7, ["--timeout", "3"]);
    const conn = await tunnel.connect();
    await exchange(conn);
    assert.equal(await conn.read(new Uint8Array(1)), null);
    conn.close();
    assert.equal((await tunnel.exit()).code, 0);
    const { reason, opened } = await tunnel.event("stopped");
    assert.deepEqual({ reason, opened }, { reason: "timeout", opened: 1 });
  }));

Deno.test("--max-connections: more wait, and are served in the end", () =>
  withEcho(async (azure) => {
    const tunnel = await azure.openTunnel(7, ["--max-connections", "2", ...NO_GRACE]);
    await Promise.all(Array.from({ length: 8 }, async () => {
      const conn = await tunnel.connect();
      await exchange(conn);
      conn.close();
    }));
    await tunnel.event("connection-closed", { count: 8 });
    assert.ok(azure.emulator.stats().webSocketsPeak <= 2);
  }));

Deno.test("without --json: az's ready line on stdout, everything else on stderr", () =>
  withEcho(async (azure) => {
    const words = ["tunnel", ...azure.targetArgs(7), ...NO_GRACE];
    const tunnel = await azure.start(words, { debug: false });
    const ready =
      /^Tunnel is ready, connect on port (\d+) \(127\.0\.0\.1 → app\/web1:7 by net\/hub\)\n$/;
    const [, port] = await tunnel.output("stdout", ready);
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    await exchange(conn);
    conn.close();
    await eventually("deleted", () => azure.emulator.stats().tokenDeletes === 1);
    tunnel.signal("SIGINT");
    assert.equal((await tunnel.exit()).code, 0);
    assert.match(tunnel.stdout(), ready);
    assert.match(
      tunnel.stderr().replace(/^Listening on 127\.0\.0\.1 only.*\n/, ""),
      /^Tunnel closed after [\d.]+ s: 1 connection, 5 B up, 5 B down\.\n$/,
    );
  }));
