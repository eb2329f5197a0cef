/**
 * Whatever a server answers that is wrong: a clear error, nothing half-done, and nothing sent to where
 * it points. (That no session is left is checked for each run, by withAzure.)
 */

import assert from "node:assert/strict";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { startScriptedAzure } from "../helpers/scripted_azure.ts";

const HUGE = 10 * 1024 * 1024;

function withVm(body: (azure: EmulatedAzure) => Promise<void>): Promise<void> {
  return withAzure({ ports: { 7: "echo" } }, body);
}

/** What may come in place of Entra's or Resource Manager's answer. */
const bodies: readonly (readonly [what: string, fault: Record<string, unknown>])[] = [
  ["10 MiB of JSON", { kind: "huge-body", bytes: HUGE }],
  ["10 MiB of JSON with 500", { kind: "huge-body", bytes: HUGE, status: 500 }],
  ["a page with 200", { kind: "status", status: 200, body: "html" }],
  ["a page with 403", { kind: "status", status: 403, body: "html" }],
  ["a page with 502", { kind: "status", status: 502, body: "html" }],
  ["no JSON", { kind: "not-json" }],
  ["half an answer", { kind: "truncated" }],
  ["nothing", { kind: "status", status: 200, body: "empty" }],
  ["a redirect to nowhere", { kind: "status", status: 302, body: "empty" }],
];

for (const [at, exits] of [["entra", [4, 8]], ["arm", [5, 8]]] as const) {
  for (const [what, fault] of bodies) {
    Deno.test(`${at}: ${what}`, () =>
      withVm(async (azure) => {
        azure.emulator.setFaults([{ at, ...fault } as FaultInput]);
        const process = await azure.start(["tunnel", "--json", ...azure.targetArgs(7)], {
          debug: false,
        });
        const { code } = await process.exit(120_000);
        const said = process.stdout() + process.stderr();
        assert.ok((exits as readonly number[]).includes(code), said);
        const error = JSON.parse(process.stdout());
        assert.deepEqual([error.event, error.exitCode], ["error", code]);
        assert.ok(error.message.length < 1000, "too long");
        assert.doesNotMatch(said, /<html|<body|\n +at /i);
      }));
  }
}

for (const [what, fault] of bodies) {
  Deno.test(`token: ${what}: the connection fails, the tunnel goes on, no session is left`, () =>
    withVm(async (azure) => {
      const tunnel = await azure.openTunnel(7, [], { debug: false });
      azure.emulator.setFaults([{ at: "token", ...fault } as FaultInput]);
      using refused = await tunnel.connect();
      assert.equal(await refused.read(new Uint8Array(1)), null);
      const failed = await tunnel.event("connection-failed", { within: 60_000 });
      assert.match(String(failed["code"]), /^(token|http|arm|credential)-/);
      assert.ok(String(failed["message"]).length < 1000, "too long");
      assert.doesNotMatch(tunnel.stdout() + tunnel.stderr(), /<html|<body|\n +at /i);
      azure.emulator.setFaults([]);
      using next = await tunnel.connect();
      await next.write(new Uint8Array([7]));
      assert.equal(await next.read(new Uint8Array(1)), 1);
    }));
}

/** A cloud with Resource Manager, and where it is asked for Entra, at `endpoint`. */
async function cloudAt(
  azure: EmulatedAzure,
  { endpoint, ca }: { readonly endpoint: string; readonly ca: string },
  others: string,
  entra: boolean,
): Promise<Record<string, string>> {
  const caFile = azure.file("scripted-ca.pem");
  await Deno.writeTextFile(caFile, `${azure.emulator.ca}\n${ca}\n${others}`);
  const fields = JSON.parse(await Deno.readTextFile(azure.emulator.cloudFile));
  const file = azure.file("scripted-cloud.json");
  const authority = entra ? { authority: endpoint } : {};
  const cloud = { ...fields, caFile, resourceManager: endpoint, ...authority };
  await Deno.writeTextFile(file, JSON.stringify(cloud));
  return { BASTION_CLOUD_FILE: file };
}

for (const status of [302, 307]) {
  for (const place of ["entra", "arm", "token", "upgrade"] as const) {
    Deno.test(`${place}: a redirect (${status}) to another host is not followed`, () =>
      withVm(async (azure) => {
        await using decoy = await startScriptedAzure();
        await using scripted = await startScriptedAzure({
          answers: { [place]: { status, headers: { Location: `${decoy.endpoint}/stolen` } } },
        });
        const env = await cloudAt(azure, scripted, decoy.ca, place === "entra");
        const process = await azure.start(
          ["tunnel", "--json", "--no-check", ...azure.targetArgs(7)],
          { env, debug: false },
        );
        if (place === "entra" || place === "arm") {
          const { code } = await process.exit(60_000);
          assert.equal(code, place === "arm" ? 8 : 4, process.stdout());
          assert.deepEqual(process.events().map(({ event }) => event), ["error"]);
        } else {
          const { port: listening } = await process.listening();
          using conn = await Deno.connect({ hostname: "127.0.0.1", port: listening });
          assert.equal(await conn.read(new Uint8Array(1)), null);
          const failed = await process.event("connection-failed");
          assert.equal(failed["code"], place === "token" ? "token-unreadable" : "upgrade-refused");
        }
        assert.deepEqual(decoy.requests(), [], "what was sent there");
        assert.ok(scripted.requests().length > 0);
      }));
  }
}

const dnsNames: readonly unknown[] = [
  "127.0.0.1:1/path",
  "user@127.0.0.1",
  "user:secret@127.0.0.1:443",
  "https://127.0.0.1",
  "//127.0.0.1",
  "127.0.0.1?x",
  "127.0.0.1#x",
  "127.0.0.1\\@evil.example",
  "127.0.0.1:99999",
  "127.0.0.1:",
  "a b.example",
  "a\r\nHost: evil.example",
  "evil.example%2f",
  "ex\u0430mple.test",
  "x".repeat(300),
  "",
  42,
  null,
  ["127.0.0.1"],
  { host: "127.0.0.1" },
];

Deno.test("a dnsName that is more than a host: exit code 7, and no token is sent anywhere", () =>
  withVm(async (azure) => {
    for (const dnsName of dnsNames) {
      await using scripted = await startScriptedAzure({ dnsName });
      const env = await cloudAt(azure, scripted, "", false);
      const process = await azure.start(["tunnel", "--json", ...azure.targetArgs(7)], {
        env,
        debug: false,
      });
      const { code } = await process.exit(60_000);
      const said = `${JSON.stringify(dnsName)}: ${process.stdout()}${process.stderr()}`;
      assert.equal(code, 7, said);
      const error = JSON.parse(process.stdout());
      assert.equal(error.code, "host-address-invalid", said);
      assert.ok(error.message.length < 400, said);
      assert.doesNotMatch(error.message, /\p{Cc}/u);
      assert.ok(!scripted.requests().some((line) => line.startsWith("POST")), said);
    }
  }));
