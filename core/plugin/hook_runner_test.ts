import assert from "node:assert/strict";
import { fakeTarget } from "../../tests/helpers/fake_target.ts";
import { BastionError } from "../errors.ts";
import { createLogger, type LogRecord } from "../logger.ts";
import { createManualClock } from "../testing/manual_clock.ts";
import type { TunnelRequest } from "../tunnel/tunnel_request.ts";
import { type Hooks, hookTable } from "./hooks.ts";
import type { PluginContext } from "./plugin.ts";
import { createHookRunner } from "./hook_runner.ts";

const request: TunnelRequest = { target: fakeTarget({ endpoint: "bst.example" }), port: 0 };

const tunnel = { id: "1", target: "app/web1:22", bastionHost: "net/hub", host: "::1", port: 1 };

/** A runner for plugins `a`, `b`, … with these hooks. */
function start(...hooks: readonly Hooks[]) {
  const clock = createManualClock();
  const records: LogRecord[] = [];
  const log = createLogger("core", (record) => records.push(record));
  const plugins = hooks.map((own, index) => {
    const name = String.fromCharCode(97 + index);
    return {
      plugin: { name, version: "1.0.0", apiVersion: 1 as const, hooks: own },
      context: { log: createLogger(name, () => {}) } as unknown as PluginContext,
    };
  });
  return { clock, records, runner: createHookRunner({ plugins, clock, log }) };
}

async function rejection(promise: Promise<unknown>): Promise<BastionError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof BastionError, `not a BastionError: ${String(error)}`);
  return error;
}

const never = () => new Promise<never>(() => {});

Deno.test("waterfall: each plugin gets what the one before returned, pre first and post last", async () => {
  const seen: string[] = [];
  const add = (letter: string) => (given: TunnelRequest) => {
    seen.push(letter);
    return { ...given, transport: `${given.transport ?? ""}${letter}` };
  };
  const { runner } = start(
    { prepareTunnel: { handler: add("a"), order: "post" } },
    { prepareTunnel: add("b") },
    { prepareTunnel: () => {} },
    { prepareTunnel: { handler: add("d"), order: "pre" } },
    { prepareTunnel: add("e") },
  );
  const prepared = await runner.prepareTunnel(request);
  assert.equal(prepared.transport, "dbea");
  assert.deepEqual(seen, ["d", "b", "e", "a"]);
  assert.equal(request.transport, undefined);
});

Deno.test("waterfall: nothing changes the request afterwards, not even who returned it", async () => {
  const mine = { ...request, bind: ["127.0.0.1"] };
  const { runner } = start({ prepareTunnel: () => mine }, {
    prepareTunnel: (given) => {
      assert.throws(() => Object.assign(given, { port: 1 }), TypeError);
      assert.throws(() => Object.assign(given.target, { port: 1 }), TypeError);
    },
  });
  const prepared = await runner.prepareTunnel(request);
  mine.bind.push("0.0.0.0");
  assert.deepEqual(prepared.bind, ["127.0.0.1"]);
  assert.ok(Object.isFrozen(prepared) && Object.isFrozen(prepared.target.bastionHost));
});

Deno.test("waterfall: a throw names plugin, hook and cause; a plugin's own error keeps its hint", async () => {
  const cause = new Error("boom");
  const plain = await rejection(
    start({
      prepareTunnel: () => {
        throw cause;
      },
    }).runner.prepareTunnel(request),
  );
  assert.equal(plain.code, "plugin-failed");
  assert.equal(plain.message, "Plugin a failed in prepareTunnel: boom");
  assert.equal(plain.cause, cause);

  const own = new BastionError(
    "a/closed",
    { exit: "forbidden", message: "Closed.", hint: "Come back at {hour}." },
    {},
  );
  const wrapped = await rejection(
    start({ prepareTunnel: () => Promise.reject(own) }).runner.prepareTunnel(request),
  );
  assert.equal(wrapped.code, "plugin-failed");
  assert.equal(wrapped.exit, "plugin");
  assert.match(wrapped.message, /Closed\./);
  assert.equal(wrapped.hint, "Come back at {hour}.");
  assert.equal(wrapped.cause, own);
});

Deno.test("waterfall: what is no request is the plugin's failure", async () => {
  for (const answer of [null, 7, "no", {}, { target: null, port: 1 }]) {
    const { runner } = start({ prepareTunnel: () => answer as unknown as TunnelRequest });
    assert.equal((await rejection(runner.prepareTunnel(request))).code, "plugin-failed");
  }
});

Deno.test("a hook's limit stops while the user is asked", async () => {
  const { limit } = hookTable.prepareTunnel;
  const clock = createManualClock();
  const log = createLogger("core", () => {});
  let asking = true;
  let asked = 0;
  let settled = false;
  const runner = createHookRunner({
    plugins: [{
      plugin: {
        name: "a",
        version: "1.0.0",
        apiVersion: 1,
        hooks: { prepareTunnel: () => new Promise<never>(() => {}) },
      },
      context: { log } as unknown as PluginContext,
    }],
    clock,
    log,
    asked: () => asking ? clock.now() : asked,
  });
  const prepared = rejection(runner.prepareTunnel(request)).finally(() => settled = true);
  await clock.advance(limit * 10);
  assert.equal(settled, false);
  asking = false;
  asked = clock.now();
  await clock.advance(limit - 1);
  assert.equal(settled, false);
  await clock.advance(1);
  assert.equal((await prepared).code, "plugin-timeout");
});

Deno.test("waterfall: a plugin that hangs is given up after its limit", async () => {
  const { runner, clock } = start({ prepareTunnel: never });
  const failed = rejection(runner.prepareTunnel(request));
  await clock.advance(29_999);
  assert.equal(clock.pending, 1);
  await clock.advance(1);
  const { code, message } = await failed;
  assert.equal(code, "plugin-timeout");
  assert.equal(message, "Plugin a did not finish prepareTunnel within 30 s.");
});

Deno.test("a hook that ends leaves no timer behind", async () => {
  const { runner, clock } = start({ prepareTunnel: () => {}, authorizeTunnel: () => "allow" });
  await runner.prepareTunnel(request);
  await runner.authorizeTunnel(request);
  await clock.advance(0);
  assert.equal(clock.pending, 0);
});

Deno.test("veto: all are asked although one denies, and the denial is named", async () => {
  const asked: string[] = [];
  const { runner, records } = start(
    {
      authorizeTunnel: () => {
        asked.push("a");
        return "allow";
      },
    },
    { authorizeTunnel: () => ({ deny: "not\nnow" }) },
    {
      authorizeTunnel: () => {
        asked.push("c");
        return { deny: "never" };
      },
    },
  );
  const { code, message, exit } = await rejection(runner.authorizeTunnel(request));
  assert.equal(code, "tunnel-denied");
  assert.equal(exit, "forbidden");
  assert.equal(message, "Plugin b does not allow this tunnel: not now");
  assert.deepEqual(asked, ["a", "c"]);
  assert.deepEqual(records.map(({ fields }) => fields), [{ plugin: "c", reason: "never" }]);
});

Deno.test("veto: whatever is not a clear yes denies", async () => {
  const verdicts: readonly unknown[] = [undefined, null, true, "deny", {}, { deny: "" }];
  for (const verdict of verdicts) {
    const { runner } = start({ authorizeTunnel: () => verdict as "allow" });
    const { code } = await rejection(runner.authorizeTunnel(request));
    assert.equal(code, "tunnel-denied", JSON.stringify(verdict));
  }
  const thrown = await rejection(
    start({
      authorizeTunnel: () => {
        throw new Error("no list");
      },
    }).runner.authorizeTunnel(request),
  );
  assert.equal(thrown.message, "Plugin a does not allow this tunnel: no list");
});

Deno.test("veto: a plugin that hangs denies", async () => {
  const { runner, clock } = start({ authorizeTunnel: never }, { authorizeTunnel: () => "allow" });
  const failed = rejection(runner.authorizeTunnel(request));
  await clock.advance(30_000);
  const { code, message } = await failed;
  assert.equal(code, "tunnel-denied");
  assert.match(message, /Plugin a .*within 30 s/);
});

Deno.test("veto: everybody's yes, or nobody asked, lets it open", async () => {
  await start({ authorizeTunnel: () => "allow" }, {}).runner.authorizeTunnel(request);
  await start().runner.authorizeTunnel(request);
});

Deno.test("observe: returns before an observer runs; one that throws harms nobody and is logged once", async () => {
  const seen: string[] = [];
  const { runner, records } = start(
    {
      tunnelOpened: () => {
        throw new Error("boom");
      },
    },
    { tunnelOpened: ({ target }) => void seen.push(target) },
  );
  runner.observe("tunnelOpened", tunnel);
  assert.deepEqual(seen, []);
  await runner.settle();
  runner.observe("tunnelOpened", tunnel);
  await runner.settle();
  assert.deepEqual(seen, [tunnel.target, tunnel.target]);
  assert.deepEqual(records.map(({ level }) => level), ["warning", "debug"]);
  assert.match(records[0]?.message ?? "", /Plugin a failed in tunnelOpened: boom/);
});

Deno.test("observe: an observer cannot change what the next one sees", async () => {
  let port: number | undefined;
  const { runner } = start(
    { tunnelOpened: (given) => void Object.assign(given, { port: 9 }) },
    { tunnelOpened: (given) => void (port = given.port) },
  );
  runner.observe("tunnelOpened", tunnel);
  await runner.settle();
  assert.equal(port, 1);
});

Deno.test("observe: settling waits for observers, and for one that hangs only so long", async () => {
  const gate = Promise.withResolvers<void>();
  const slow = start({ tunnelOpened: () => gate.promise });
  slow.runner.observe("tunnelOpened", tunnel);
  let settled = false;
  const settling = slow.runner.settle().then(() => settled = true);
  await slow.clock.advance(100);
  assert.equal(settled, false);
  gate.resolve();
  await settling;

  const stuck = start({ tunnelOpened: never });
  stuck.runner.observe("tunnelOpened", tunnel);
  const bounded = stuck.runner.settle();
  await stuck.clock.advance(5_000);
  await bounded;
});

Deno.test("lifecycle: stop runs in reverse, once, whatever throws or hangs", async () => {
  const stopped: string[] = [];
  const { runner, clock, records } = start(
    { stop: () => void stopped.push("a") },
    { stop: never },
    {
      stop: () => {
        stopped.push("c");
        throw new Error("boom");
      },
    },
  );
  const stopping = runner.stop();
  await clock.advance(4_999);
  assert.deepEqual(stopped, ["c"]);
  await clock.advance(1);
  await stopping;
  await runner.stop();
  assert.deepEqual(stopped, ["c", "a"]);
  assert.deepEqual(records.map(({ fields }) => fields["plugin"]), ["c", "b"]);
});
