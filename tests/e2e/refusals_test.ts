/** What ends a single connection is named, to people and to programs; the listener goes on. */

import assert from "node:assert/strict";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { patternBytes, startReplyServer } from "../helpers/http_servers.ts";
import { writeAll } from "../helpers/local_server.ts";

const REPLY = patternBytes(300_000);
/** Bytes that are relayed before the far side's end. */
const BEFORE = 100_000;

/** Asks the server for its reply, and reads what comes of it, up to EOF. */
async function ask(port: number): Promise<Uint8Array> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(conn, new Uint8Array(1));
  const received: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(65536);
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
    received.push(buffer.slice(0, n));
  }
  return new Uint8Array(await new Blob(received).arrayBuffer());
}

/** The program as people start it, without `--json`. */
async function openForPeople(azure: EmulatedAzure) {
  const process = await azure.start(["tunnel", ...azure.targetArgs(9000)], { debug: false });
  const [, port] = await process.output("stdout", /connect on port (\d+)/);
  return { process, port: Number(port) };
}

interface Case {
  readonly name: string;
  readonly fault: FaultInput;
  readonly code: string;
  /** What the message must say; what the hint must. */
  readonly message: RegExp;
  readonly hint: RegExp;
}

async function withServer(body: (azure: EmulatedAzure) => Promise<void>): Promise<void> {
  await using server = startReplyServer(REPLY);
  await withAzure({ ports: { 9000: server.port } }, body);
}

const token = { at: "token", kind: "status" } as const;
const refusals: readonly Case[] = [
  {
    name: "401",
    fault: { ...token, status: 401, message: "Token of another tenant." },
    code: "token-unauthorized",
    message: /does not accept the access token \(HTTP 401: Token of another tenant\.\)/,
    hint: /tenant/,
  },
  {
    name: "403",
    fault: { ...token, status: 403 },
    code: "token-forbidden",
    message: /refuses access to app\/web1:9000 \(HTTP 403/,
    hint: /Reader/,
  },
  {
    name: "404",
    fault: { ...token, status: 404 },
    code: "token-not-found",
    message: /does not find app\/web1:9000 \(HTTP 404/,
    hint: /VNet/,
  },
  {
    name: "429",
    fault: { ...token, status: 429, retryAfter: 1 },
    code: "token-throttled",
    message: /slow down \(HTTP 429/,
    hint: /limit of sessions/,
  },
  {
    name: "500 with a page",
    fault: { ...token, status: 500, body: "html" },
    code: "token-refused",
    message: /did not give a session for app\/web1:9000 \(HTTP 500/,
    hint: /passes by itself/,
  },
  {
    name: "a body that is not JSON",
    fault: { at: "token", kind: "not-json" },
    code: "token-unreadable",
    message: /cannot be used: it is not JSON/,
    hint: /portal/,
  },
  {
    name: "an upgrade that is refused",
    fault: { at: "upgrade", kind: "status", status: 403, message: "Not you." },
    code: "upgrade-forbidden",
    message: /refused the WebSocket \(HTTP 403: Not you\.\)/,
    hint: /Reader/,
  },
];

for (const { name, fault, code, message, hint } of refusals) {
  Deno.test(`${name}: says ${code} on stderr and as an event, and takes the next connection`, () =>
    withServer(async (azure) => {
      const tunnel = await azure.openTunnel(9000);
      const people = await openForPeople(azure);
      azure.emulator.setFaults([fault]);
      const [one, other] = await Promise.all([ask(tunnel.port), ask(people.port)]);
      assert.deepEqual([one.length, other.length], [0, 0], "EOF, and no reset");

      const event = await tunnel.event("connection-failed");
      assert.equal(event["code"], code);
      assert.match(String(event["message"]), message);
      assert.match(String(event["hint"]), hint);
      const line = /^bastion: connection 1 failed: (.*)\n {2}(.*)$/m;
      const [, said = "", advice = ""] = await people.process.output("stderr", line);
      assert.equal(said, event["message"]);
      assert.equal(advice, event["hint"]);

      azure.emulator.setFaults([]);
      for (const port of [tunnel.port, people.port]) assert.deepEqual(await ask(port), REPLY);
      await eventually("deleted", () => azure.emulator.stats().outstandingSessions === 0);
    }));
}

const stream = { at: "stream" as const, afterBytes: BEFORE, connection: [1, 2] };
const ends: readonly Case[] = [
  {
    name: "FIN without a Close",
    fault: { ...stream, kind: "fin" },
    code: "peer-cut",
    message: /connection to Azure Bastion was cut/,
    hint: /Connect again/,
  },
  {
    name: "a cut in the middle of a frame",
    fault: { ...stream, kind: "mid-frame" },
    code: "peer-cut",
    message: /connection to Azure Bastion was cut/,
    hint: /Connect again/,
  },
  {
    name: "Close 1001",
    fault: { ...stream, kind: "close", code: 1001, reason: "Maintenance." },
    code: "peer-closed",
    message: /WebSocket close 1001: Maintenance\./,
    hint: /restarting/,
  },
];

for (const { name, fault, code, message, hint } of ends) {
  Deno.test(`${name}: EOF after every byte that came, said once, and the next connection works`, () =>
    withServer(async (azure) => {
      const tunnel = await azure.openTunnel(9000);
      const people = await openForPeople(azure);
      azure.emulator.setFaults([fault]);
      for (const port of [tunnel.port, people.port]) {
        assert.deepEqual(await ask(port), REPLY.subarray(0, BEFORE));
      }
      const event = await tunnel.event("connection-closed");
      assert.deepEqual(
        { reason: event["reason"], code: event["code"], down: event["bytesDown"] },
        { reason: code, code, down: BEFORE },
      );
      assert.match(String(event["message"]), message);
      assert.match(String(event["hint"]), hint);
      await people.process.output("stderr", /^bastion: connection 1 ended: .*\n {2}\S.*$/m);

      for (const port of [tunnel.port, people.port]) assert.deepEqual(await ask(port), REPLY);
      people.process.signal("SIGINT");
      assert.equal((await people.process.exit()).code, 0);
      const said = people.process.stderr().split("\n").filter((line) => /^bastion:/.test(line));
      assert.equal(said.length, 1, "said once");
      assert.match(people.process.stderr(), /^Tunnel closed after .*: 2 connections, .*$/m);
    }));
}

Deno.test("a target port that nobody listens on is named", () =>
  withServer(async (azure) => {
    const tunnel = await azure.openTunnel(9001);
    assert.equal((await ask(tunnel.port)).length, 0);
    const event = await tunnel.event("connection-closed");
    assert.equal(event["reason"], "target-refused");
    assert.match(String(event["message"]), /app\/web1:9001 refuses connections/);
  }));
