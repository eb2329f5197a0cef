/** `bastion proxy`: many at once, its ends and exit codes; ssh_clients_test.ts has what goes through it. */

import assert from "node:assert/strict";
import { createBastionLauncher } from "../helpers/bastion_launcher.ts";
import {
  type AzureOptions,
  type EmulatedAzure,
  withAzure,
  withoutCloudNotice,
} from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { randomBytes, sha256, sha256OfFile } from "../helpers/file_tree.ts";
import { startReplyServer } from "../helpers/http_servers.ts";
import { needs } from "../helpers/needs.ts";
import { runProgram, type RunResult } from "../helpers/run.ts";
import { sshdPrograms } from "../helpers/sshd.ts";
import { byProxy } from "../helpers/ssh_way.ts";

const SIZE = 8 * 1024 ** 2;

needs(...sshdPrograms).test(
  "20 proxies at once, each with its own session",
  () =>
    byProxy(async ({ azure, options, login, env }) => {
      const all = await Promise.all(Array.from({ length: 20 }, (_, i) =>
        runProgram(["ssh", ...options, login, `head -c 100000 /dev/zero; echo ${i}`], {
          env,
          timeout: 240_000,
        })));
      assert.deepEqual(
        all.map(({ code, stdout }) => ({ code, size: stdout.length, tail: stdout.slice(100_000) })),
        all.map((_, i) => ({ code: 0, size: 100_000 + `${i}\n`.length, tail: `${i}\n` })),
      );
      assert.equal(azure.emulator.stats().sessionsIssued, 20);
    }),
);

/** One run of `bastion proxy` to its end. */
function runProxy(
  azure: EmulatedAzure,
  port: number,
  script: string,
  args: readonly string[] = [],
): Promise<RunResult> {
  return createBastionLauncher(azure).then((launcher) =>
    runProgram(["sh", "-c", script, launcher.path, "proxy", ...azure.targetArgs(port), ...args], {
      env: launcher.env,
    })
  );
}

for (const size of [100, SIZE]) {
  Deno.test(`stdin's EOF cuts no reply: ${size} bytes after printf x |`, async () => {
    const reply = randomBytes(size);
    await using server = startReplyServer(reply);
    await withAzure({ ports: { 9000: server.port } }, async (azure) => {
      const file = azure.file("reply");
      const script = `printf x | "$0" "$@" > '${file}'`;
      const { code, stderr } = await runProxy(azure, 9000, script);
      assert.deepEqual({ code, stderr: withoutCloudNotice(stderr) }, { code: 0, stderr: "" });
      assert.equal(await sha256OfFile(file), sha256(reply));
    });
  });
}

Deno.test("a far side that ends first ends the program, though stdin stays open", async () => {
  const reply = randomBytes(1000);
  await using server = startReplyServer(reply);
  await withAzure({ ports: { 9000: server.port } }, async (azure) => {
    const process = await azure.start(["proxy", ...azure.targetArgs(9000)], {
      stdin: "piped",
      debug: false,
    });
    const writer = process.stdin?.getWriter();
    await writer?.write(new Uint8Array(1));
    const { code } = await process.exit();
    assert.equal(code, 0);
    assert.equal(new TextEncoder().encode(process.stdout()).length > 0, true);
    await writer?.close().catch(() => {});
  });
});

Deno.test("a reader that goes away ends the program, and its session", async () => {
  await using server = startReplyServer(randomBytes(SIZE));
  await withAzure({ ports: { 9000: server.port } }, async (azure) => {
    const script = '{ { printf x; sleep 3; } | "$0" "$@"; echo "code $?" >&2; } | head -c 10';
    const { stderr } = await runProxy(azure, 9000, `${script} > /dev/null & wait $!`);
    assert.match(stderr, /code 141/);
    assert.equal(azure.emulator.stats().outstandingSessions, 0);
  });
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`${signal} ends the program with ${code}, its session deleted`, async () => {
    await withAzure({ ports: { 7: "echo" } }, async (azure) => {
      const process = await azure.start(["proxy", ...azure.targetArgs(7), "--json"], {
        stdin: "piped",
        debug: false,
      });
      const writer = process.stdin?.getWriter();
      await writer?.write(new TextEncoder().encode("hello"));
      await process.output("stdout", /^hello$/);
      process.signal(signal);
      assert.equal((await process.exit()).code, code);
      assert.equal(process.stdout(), "hello", "events stay away from stdout");
      assert.match(process.stderr(), /"event":"connection-opened"/);
      assert.match(process.stderr(), /"event":"connection-closed".*"reason":"stopped"/);
      assert.equal(azure.emulator.stats().outstandingSessions, 0);
      await writer?.close().catch(() => {});
    });
  });
}

Deno.test("a slow reader holds up the far side, and gets every byte", async () => {
  const total = 256 * 1024 ** 2;
  await using server = startReplyServer(new Uint8Array(total));
  await withAzure({ ports: { 9000: server.port } }, async (azure) => {
    const go = azure.file("go");
    const reader = `{ until [ -e '${go}' ]; do sleep 0.1; done; wc -c; }`;
    const running = runProxy(azure, 9000, `printf x | "$0" "$@" | ${reader}`);
    let before = -1;
    const held = await eventually("the far side to be held up", () => {
      const { bytesDown } = azure.emulator.stats();
      const still = bytesDown > 0 && bytesDown === before;
      before = bytesDown;
      return still && bytesDown;
    }, { every: 500, within: 60_000 });
    assert.ok(held < total / 4, `${held} bytes were taken from the far side, and nobody read`);
    await Deno.writeTextFile(go, "");
    assert.equal(Number((await running).stdout), total);
  });
});

interface Ending {
  readonly name: string;
  readonly exit: number;
  readonly code: string;
  readonly args?: readonly string[];
  readonly options?: AzureOptions;
}

const echo: AzureOptions = { ports: { 7: "echo" } };

const endings: readonly Ending[] = [
  {
    name: "a refused token",
    exit: 5,
    code: "token-forbidden",
    options: { ports: { 7: "echo" }, faults: [{ at: "token", kind: "status", status: 403 }] },
  },
  { name: "a closed port", exit: 9, code: "target-unreachable", options: { ports: { 7: 1 } } },
  { name: "an unknown host", exit: 6, code: "host-not-found", args: ["--name", "nowhere"] },
  { name: "an unknown option", exit: 2, code: "usage", args: ["--bogus"] },
];

for (const { name, exit, code, args = [], options = echo } of endings) {
  Deno.test(`${name}: exit code ${exit}, said on stderr alone`, async () => {
    await withAzure(options, async (azure) => {
      const plain = await runProxy(azure, 7, 'printf x | "$0" "$@"', args);
      assert.equal(plain.code, exit, plain.stderr);
      assert.equal(plain.stdout, "");
      assert.match(plain.stderr, /^bastion: .*\n {2}\S/m);
      const json = await runProxy(azure, 7, 'printf x | "$0" "$@"', [...args, "--json"]);
      assert.deepEqual({ code: json.code, stdout: json.stdout }, { code: exit, stdout: "" });
      assert.match(json.stderr, new RegExp(`"code":"${code}"`));
      await eventually("no session", () => azure.emulator.stats().outstandingSessions === 0);
    });
  });
}
