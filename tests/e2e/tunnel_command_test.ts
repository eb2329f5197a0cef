/** `bastion tunnel … -- CMD`: the command has the tunnel, its exit code is ours, nothing is left. */

import assert from "node:assert/strict";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { startReplyServer } from "../helpers/http_servers.ts";
import { needs } from "../helpers/needs.ts";

/** The command's output is stdout's alone; what the program itself says is on stderr. */
async function runCommand(
  azure: EmulatedAzure,
  command: readonly string[],
  options: readonly string[] = [],
) {
  const words = ["tunnel", ...azure.targetArgs(7), ...options, "--", ...command];
  return await azure.start(words, { debug: false });
}

function withEcho(body: (azure: EmulatedAzure) => Promise<void>): Promise<void> {
  return withAzure({ ports: { 7: "echo" } }, body);
}

function isRunning(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) return false;
    throw error;
  }
}

needs("sh").test(
  "-- CMD: {host} and {port} are filled in, BASTION_HOST and BASTION_PORT set",
  () =>
    withEcho(async (azure) => {
      const process = await runCommand(azure, [
        ...["sh", "-c", 'echo "$0 $1 $BASTION_HOST $BASTION_PORT"; exit 42'],
        ...["at-{host}", "{port}-{port}"],
      ]);
      assert.equal((await process.exit()).code, 42, "the command's code");
      const [, port, again] = /^at-127\.0\.0\.1 (\d+)-\1 127\.0\.0\.1 (\d+)\n$/
        .exec(process.stdout()) ?? [];
      assert.ok(port !== undefined && port === again, process.stdout());
      assert.match(process.stderr(), /Tunnel is ready, connect on port/);
    }),
);

needs("sh", "nc").test("-- CMD: the tunnel works while the command runs", async () => {
  await using server = startReplyServer(new TextEncoder().encode("hello\n"));
  await withAzure({ ports: { 7: server.port } }, async (azure) => {
    const process = await runCommand(azure, [
      ...["sh", "-c", 'printf x | nc -N "$0" "$1"', "{host}", "{port}"],
    ]);
    assert.equal((await process.exit()).code, 0);
    assert.equal(process.stdout(), "hello\n");
  });
});

needs("sh").test(
  "-- CMD with --json: events go to stderr, stdout is the command's",
  () =>
    withEcho(async (azure) => {
      const process = await runCommand(azure, ["sh", "-c", "echo mine"], ["--json"]);
      assert.equal((await process.exit()).code, 0);
      assert.equal(process.stdout(), "mine\n");
      const events = process.stderr().split("\n").filter(Boolean)
        .map((line) => JSON.parse(line).event);
      assert.deepEqual(events, ["listening", "stopped"]);
    }),
);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  needs("sh").test(
    `${signal} ends the command, and nothing is left running`,
    () =>
      withEcho(async (azure) => {
        const script = 'trap "echo told; exit 9" TERM INT; echo $$; while :; do sleep 0.1; done';
        const process = await runCommand(azure, ["sh", "-c", script]);
        const [, pid = ""] = await process.output("stdout", /^(\d+)\n/);
        assert.ok(isRunning(Number(pid)));
        process.signal(signal);
        assert.equal((await process.exit()).code, 9, "the command's code");
        assert.match(process.stdout(), /told/);
        await eventually("the command has ended", () => !isRunning(Number(pid)));
      }),
  );
}

needs("sh").test("a command that does not want to end is killed", () =>
  withEcho(async (azure) => {
    const script = 'trap "" TERM; echo $$; while :; do sleep 0.1; done';
    const process = await runCommand(azure, ["sh", "-c", script]);
    const [, pid = ""] = await process.output("stdout", /^(\d+)\n/);
    process.signal("SIGTERM");
    assert.equal((await process.exit()).code, 128 + 9);
    await eventually("the command has ended", () => !isRunning(Number(pid)));
  }));

needs("sh").test("--timeout ends the command, too", () =>
  withEcho(async (azure) => {
    const script = "echo $$; while :; do sleep 0.1; done";
    const process = await runCommand(azure, ["sh", "-c", script], ["--timeout", "1"]);
    const [, pid = ""] = await process.output("stdout", /^(\d+)\n/);
    assert.equal((await process.exit()).code, 128 + 15);
    await eventually("the command has ended", () => !isRunning(Number(pid)));
  }));

Deno.test("-- CMD that does not exist: exit code 2, names it", () =>
  withEcho(async (azure) => {
    const process = await runCommand(azure, ["no-such-program-anywhere"]);
    assert.equal((await process.exit()).code, 2);
    assert.match(process.stderr(), /The program no-such-program-anywhere was not found/);
  }));
