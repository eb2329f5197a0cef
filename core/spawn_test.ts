import assert from "node:assert/strict";
import { tempDir } from "../tests/helpers/temp_dir.ts";
import { eventually } from "../tests/helpers/eventually.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Foreground, spawnForUser } from "./spawn.ts";

const posix = Deno.build.os !== "windows";

/** Keeps what was taken, and lets a test send a signal to it. */
function testForeground() {
  let receiver: ((signal: Deno.Signal) => void) | undefined;
  const foreground: Foreground = {
    take(receive) {
      receiver = receive;
      return { [Symbol.dispose]: () => receiver = undefined };
    },
  };
  return {
    foreground,
    get taken() {
      return receiver !== undefined;
    },
    send: (signal: Deno.Signal) => receiver?.(signal),
  };
}

const deno = (code: string): [string, ...string[]] => [Deno.execPath(), "eval", "--no-lock", code];
/** Says in a file that it runs, and then sleeps. */
const sleeper = (file: string, first = ""): [string, ...string[]] => [
  "sh",
  "-c",
  `${first} : > '${file}'; while :; do sleep 0.05; done`,
];

async function running(file: string): Promise<void> {
  await eventually(file, () => Deno.stat(file).then(() => true));
}

Deno.test("spawnForUser: the exit code is the program's; the environment is added to", async () => {
  const fore = testForeground();
  const code = await spawnForUser(
    deno('Deno.exit(Deno.env.get("BASTION_PORT") === "7" && Deno.env.has("PATH") ? 5 : 6)'),
    { env: { BASTION_PORT: "7" } },
    fore.foreground,
    systemClock,
  );
  assert.equal(code, 5);
  assert.equal(fore.taken, false);
});

Deno.test("spawnForUser: what cannot be started is named", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.file("plain"), "", { mode: 0o600 });
  const { foreground } = testForeground();
  const spawn = (program: string) => spawnForUser([program], {}, foreground, systemClock);
  await assert.rejects(spawn("no-such-program-anywhere"), {
    code: "command-not-found",
    message: "The program no-such-program-anywhere was not found.",
  });
  if (posix) await assert.rejects(spawn(dir.file("plain")), { code: "command-failed" });
});

Deno.test("spawnForUser: an abort asks the program to end", { ignore: !posix }, async () => {
  await using dir = await tempDir();
  const stop = new AbortController();
  const { foreground } = testForeground();
  const file = dir.file("runs");
  const code = spawnForUser(sleeper(file), { signal: stop.signal }, foreground, systemClock);
  await running(file);
  stop.abort();
  assert.equal(await code, 128 + 15);
  const early = spawnForUser(sleeper(file), { signal: stop.signal }, foreground, systemClock);
  assert.equal(await early, 128 + 15);
});

Deno.test("spawnForUser: who does not heed SIGTERM is killed", { ignore: !posix }, async () => {
  await using dir = await tempDir();
  const stop = new AbortController();
  const waits: number[] = [];
  let kill = () => {};
  const clock: Clock = {
    ...systemClock,
    after(ms, callback) {
      waits.push(ms);
      kill = callback;
      return () => {};
    },
  };
  const file = dir.file("runs");
  const command = sleeper(file, "trap '' TERM;");
  const code = spawnForUser(command, { signal: stop.signal }, testForeground().foreground, clock);
  await running(file);
  stop.abort();
  assert.deepEqual(waits, [5_000]);
  kill();
  assert.equal(await code, 128 + 9);
});

Deno.test("spawnForUser: signals that mean us go to the program; Ctrl-C only without a terminal", {
  ignore: !posix,
}, async () => {
  await using dir = await tempDir();
  const cases: [signal: Deno.Signal, code: number][] = [
    ["SIGTERM", 128 + 15],
    ["SIGHUP", 128 + 1],
    // A terminal sends Ctrl-C to the program itself.
    ...(Deno.stdin.isTerminal() ? [] : [["SIGINT", 128 + 2] as [Deno.Signal, number]]),
  ];
  for (const [signal, expected] of cases) {
    const fore = testForeground();
    const file = dir.file(signal);
    const code = spawnForUser(sleeper(file), {}, fore.foreground, systemClock);
    await running(file);
    assert.equal(fore.taken, true);
    fore.send(signal);
    assert.equal(await code, expected, signal);
    assert.equal(fore.taken, false);
  }
});

Deno.test("spawnForUser: a program with a window reads nothing, and signals stay ours", {
  ignore: !posix,
}, async () => {
  await using dir = await tempDir();
  const stop = new AbortController();
  const fore = testForeground();
  const file = dir.file("runs");
  const command = sleeper(file, "[ /dev/stdin -ef /dev/null ] || exit 7;");
  const code = spawnForUser(
    command,
    { window: true, signal: stop.signal },
    fore.foreground,
    systemClock,
  );
  await Promise.race([running(file), code.then((ended) => assert.fail(`ended with ${ended}`))]);
  assert.equal(fore.taken, false);
  stop.abort();
  assert.equal(await code, 128 + 15);
});

Deno.test("spawnForUser: stderr passes by whoever wants to see it, and what is left running is not waited for", async () => {
  let seen = "";
  const decoder = new TextDecoder();
  let limits = 0;
  const clock: Clock = {
    ...systemClock,
    // The program leaves one behind that holds the pipe: the limit, when it comes, ends the wait.
    after: (_ms, action) => {
      limits++;
      const timer = setInterval(() => seen.includes("two") && action(), 5);
      return () => clearInterval(timer);
    },
  };
  const code = await spawnForUser(
    ["sh", "-c", "printf 'one\\n' >&2; sleep 2 & printf 'two\\n' >&2; exit 3"],
    { onStderr: (bytes) => seen += decoder.decode(bytes, { stream: true }) },
    testForeground().foreground,
    clock,
  );
  assert.deepEqual({ code, seen, limits }, { code: 3, seen: "one\ntwo\n", limits: 1 });
});
