import assert from "node:assert/strict";
import { fakeTarget } from "../../tests/helpers/fake_target.ts";
import { eventually } from "../../tests/helpers/eventually.ts";
import { systemClock } from "../clock.ts";
import { bastionError, describeError } from "../errors.ts";
import { createLogger } from "../logger.ts";
import { createPlatform } from "../platform.ts";
import { Secret } from "../secret.ts";
import { Turns } from "../net/turns.ts";
import { Gate } from "./gate.ts";
import { openTunnel } from "./tunnel.ts";

const target = fakeTarget();

/** A tunnel whose handshakes all fail, with sessions that `closeSession` deletes. */
function open(closeSession: () => Promise<void>) {
  const events: string[] = [];
  const tunnel = openTunnel({ target, port: 0, bind: ["127.0.0.1"] }, {
    clock: systemClock,
    log: createLogger("test", () => {}),
    platform: createPlatform(Deno.build.os, () => undefined),
    dial: () => Promise.reject(new Error("nothing is dialled")),
    transport: {
      name: "fake",
      connect: async ({ path }) => {
        await path;
        throw bastionError("upgrade-forbidden", { detail: "" });
      },
    },
    gate: new Gate(1),
    turns: new Turns(),
    getToken: () => Promise.resolve({ token: new Secret("t"), expiresOn: Infinity }),
    openSession: () =>
      Promise.resolve({ endpoint: "hub.example", path: new Secret("/p"), close: closeSession }),
    describeError,
    observe: {
      tunnelOpened: () => events.push("tunnel opened"),
      connectionOpened: () => events.push("opened"),
      connectionFailed: ({ code }) => events.push(`failed ${code}`),
      connectionClosed: ({ reason }) => events.push(`closed ${reason}`),
      tunnelClosed: ({ failed }) => events.push(`tunnel closed, ${failed} failed`),
    },
  });
  const connect = async () => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: tunnel.info.port });
    assert.equal(await conn.read(new Uint8Array(1)), null);
  };
  return { tunnel, events, connect };
}

Deno.test("the tunnel has ended when its sessions are deleted, and not before", async () => {
  const deleted = Promise.withResolvers<void>();
  const { tunnel, events, connect } = open(() => deleted.promise);
  await connect();
  // Local socket and connection are done with; only the DELETE is still on its way.
  await eventually("failed", () => events.includes("failed upgrade-forbidden"));
  const stopped = tunnel.stop().then(() => events.push("stopped"));
  await new Promise((resolve) => setTimeout(resolve, 300));
  events.push("deleted");
  deleted.resolve();
  await stopped;
  assert.deepEqual(events, [
    "tunnel opened",
    "failed upgrade-forbidden",
    "deleted",
    "tunnel closed, 1 failed",
    "stopped",
  ]);
});

Deno.test("a connection that fails leaves the listener as it is", async () => {
  const { tunnel, events, connect } = open(() => Promise.resolve());
  for (let i = 0; i < 5; i++) await connect();
  await eventually("all failed", () => events.length === 6);
  assert.equal((await Promise.all([tunnel.ended, tunnel.stop()]))[0].failed, 5);
});
