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
  /** In place of host, VM and port. */
  readonly words?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: AzureOptions;
}

const echo: AzureOptions = { ports: { 7: "echo" } };
const DEALLOCATED = {
  name: "web1",
  resourceGroup: "app",
  privateIp: "10.1.0.4",
  powerState: "deallocated",
} as const;

const endings: readonly Ending[] = [
  {
    name: "no role on the VM",
    exit: 5,
    code: "vm-forbidden",
    options: {
      ...echo,
      faults: [{ at: "arm", kind: "status", status: 403, path: "/virtualMachines/" }],
    },
  },
  {
    name: "a refused token",
    exit: 5,
    code: "token-forbidden",
    options: { ...echo, faults: [{ at: "token", kind: "status", status: 403 }] },
  },
  { name: "a closed port", exit: 9, code: "target-refused", options: { ports: { 7: 1 } } },
  {
    name: "a VM that is stopped",
    exit: 7,
    code: "vm-stopped",
    options: { world: { virtualMachines: [DEALLOCATED] } },
  },
  {
    name: "a credential that Entra refuses",
    exit: 4,
    code: "credential-refused",
    env: { AZURE_CLIENT_ID: "0e0e0e0e-0000-4000-8000-00000000dead" },
  },
  { name: "an unknown host", exit: 6, code: "host-not-found", args: ["--name", "nowhere"] },
  { name: "an unknown VM", exit: 6, code: "target-not-found", words: ["nobody"] },
  {
    name: "a name that DNS does not know",
    exit: 8,
    code: "dns-failed",
    env: { HTTPS_PROXY: "http://no-such-name.invalid:3128", NO_PROXY: "", no_proxy: "" },
  },
  { name: "an unknown option", exit: 2, code: "usage", args: ["--bogus"] },
];

for (const { name, exit, code, words, args = [], env = {}, options = echo } of endings) {
  needs("ssh").test(
    `${name}: exit code ${exit}, said on stderr alone, and shown by ssh`,
    () =>
      withAzure(options, async (azure) => {
        const launcher = await createBastionLauncher(azure);
        const command = [
          launcher.path,
          "proxy",
          ...(words ?? azure.targetArgs(7)),
          ...args,
        ] as const;
        const all = { env: { ...launcher.env, ...env } };
        const plain = await runProgram([...command], all);
        assert.equal(plain.code, exit, plain.stderr);
        assert.equal(plain.stdout, "");
        const [said] = /^bastion: .*\n {2}\S.*\n/m.exec(plain.stderr) ?? assert.fail(plain.stderr);

        const json = await runProgram([...command, "--json"], all);
        assert.deepEqual({ code: json.code, stdout: json.stdout }, { code: exit, stdout: "" });
        assert.match(json.stderr, new RegExp(`"code":"${code}"`));

        const line = command.map((word) => `'${word}'`).join(" ");
        const setting = ["-F", "/dev/null", "-o", "BatchMode=yes", "-o", `ProxyCommand=${line}`];
        const ssh = await runProgram(["ssh", ...setting, "web1", "true"], all);
        assert.equal(ssh.code, 255);
        assert.ok(ssh.stderr.includes(said), ssh.stderr);
        await eventually("no session", () => azure.emulator.stats().outstandingSessions === 0);
      }),
  );
}
