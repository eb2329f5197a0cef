/** The two commands, as the command line calls them. */

import assert from "node:assert/strict";
import type { CommandContext, Invocation, SpawnOptions } from "../../core/mod.ts";
import { makePlainError } from "./errors.ts";
import { run as exec } from "./exec.ts";
import { run } from "./run.ts";

interface Recorded {
  readonly ctx: CommandContext;
  readonly lines: string[];
  readonly events: [string, Readonly<Record<string, unknown>>][];
  readonly spawned: { command: readonly string[]; env: Readonly<Record<string, string>> }[];
  readonly abort: AbortController;
  /** Resolves with the first line or event. */
  readonly started: Promise<void>;
}

/** As much of a context as the two commands touch; whatever else would be undefined fails. */
function fakeContext(json: boolean): Recorded {
  const abort = new AbortController();
  const started = Promise.withResolvers<void>();
  const recorded: Omit<Recorded, "ctx"> = {
    lines: [],
    events: [],
    spawned: [],
    abort,
    started: started.promise,
  };
  const ctx = {
    signal: abort.signal,
    platform: {
      os: "linux",
      pathListSeparator: ":",
      env: (name: string) => name === "PATH" ? "/usr/bin" : undefined,
    },
    selfCommand: (args: readonly string[]) => ["bastion-itself", ...args],
    error: makePlainError,
    out: {
      json,
      line(text: string) {
        if (json) return;
        recorded.lines.push(text);
        started.resolve();
      },
      event(name: string, fields: Readonly<Record<string, unknown>> = {}) {
        if (!json) return;
        recorded.events.push([name, fields]);
        started.resolve();
      },
      yieldStdout() {},
      instruct() {},
    },
    spawn(command: readonly string[], options: SpawnOptions = {}) {
      recorded.spawned.push({ command, env: options.env ?? {} });
      return Promise.resolve(7);
    },
  };
  return { ...recorded, ctx: ctx as unknown as CommandContext };
}

function invocation(options: Invocation["options"], rest: readonly string[] = []): Invocation {
  return { options, args: [], rest };
}

Deno.test("the ready event has what programs need; the end is told with the counts", async () => {
  const { ctx, events, abort, started, lines } = fakeContext(true);
  const running = run(invocation({ listen: "127.0.0.1:0" }), ctx);
  await started;
  const [[name, ready] = ["", {}]] = events;
  assert.equal(name, "ready");
  const directory = String(ready["directory"]);
  assert.equal(ready["caFile"], `${directory}/ca.pem`);
  assert.equal(ready["cloudFile"], `${directory}/cloud.json`);
  assert.match(String(ready["endpoint"]), /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(Object(ready["environment"])["REQUESTS_CA_BUNDLE"], ready["caFile"]);
  assert.equal((await Deno.readTextFile(`${directory}/env.sh`)).match(/^export /gm)?.length, 16);
  assert.match(
    await Deno.readTextFile(`${directory}/bin/bastion`),
    /^exec 'bastion-itself' "\$@"$/m,
  );
  abort.abort();
  await running;
  assert.deepEqual(events.map(([one]) => one), ["ready", "stopped"]);
  assert.deepEqual(lines, []);
  await assert.rejects(Deno.stat(directory), Deno.errors.NotFound);
});

Deno.test("people are told where it is and how to go on", async () => {
  const { ctx, lines, abort, started } = fakeContext(false);
  const running = run(invocation({}), ctx);
  await started;
  const text = lines.join("\n");
  for (
    const part of [
      /ready at https:\/\/127/,
      /demo-bastion/,
      /demo-vm/,
      /user demo, password/,
      /env\.sh/,
      /bastion ssh --ssh-key "\S+" demo@demo-rg\/demo-vm/,
    ]
  ) assert.match(text, part);
  abort.abort();
  await running;
});

Deno.test("with --print-env there are assignments, and nothing else", async () => {
  const { ctx, lines, abort, started } = fakeContext(false);
  const running = run(invocation({ "print-env": "pwsh" }), ctx);
  await started;
  for (const line of lines.join("\n").split("\n")) assert.match(line, /^\$env:\w+ = '/);
  abort.abort();
  await running;
});

Deno.test("exec hands over the environment, and gives back the command's exit code", async () => {
  const { ctx, spawned } = fakeContext(false);
  assert.equal(await exec(invocation({}, ["true", "--x"]), ctx), 7);
  const [{ command, env } = { command: [], env: {} as Record<string, string> }] = spawned;
  assert.deepEqual(command, ["true", "--x"]);
  assert.match(env["PATH"] ?? "", /\/bin:\/usr\/bin$/);
  for (
    const name of [
      "BASTION_CLOUD_FILE",
      "BASTION_EMULATOR_ENDPOINT",
      "AZURE_TENANT_ID",
      "AZURE_CLIENT_ID",
      "AZURE_CLIENT_SECRET",
      "AZURE_SUBSCRIPTION_ID",
      "REQUESTS_CA_BUNDLE",
      "NO_PROXY",
    ]
  ) assert.ok(env[name], name);
  // With the emulator the VMs' host keys go.
  assert.equal(
    env["BASTION_KNOWN_HOSTS"]?.replace(/[^/]+$/, ""),
    env["REQUESTS_CA_BUNDLE"]?.replace(/[^/]+$/, ""),
  );
  await assert.rejects(Deno.stat(env["REQUESTS_CA_BUNDLE"] ?? ""), Deno.errors.NotFound);
});

Deno.test("exec without a command is a usage error", async () => {
  const { ctx } = fakeContext(false);
  await assert.rejects(async () => await exec(invocation({}), ctx), /usage/);
});
