/** `bastion proxy`: OpenSSH's clients, rsync and git through it, and its own ends and exit codes. */

import assert from "node:assert/strict";
import { type BastionLauncher, createBastionLauncher } from "../helpers/bastion_launcher.ts";
import { type AzureOptions, type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import {
  describeTree,
  randomBytes,
  sha256,
  sha256OfFile,
  writeDeep,
} from "../helpers/file_tree.ts";
import { startReplyServer } from "../helpers/http_servers.ts";
import { needs } from "../helpers/needs.ts";
import { runProgram, type RunResult, runSuccessfully } from "../helpers/run.ts";
import { type Sshd, sshdPrograms, startSshd } from "../helpers/sshd.ts";

const SIZE = 8 * 1024 ** 2;

interface ProxyWay {
  readonly azure: EmulatedAzure;
  readonly launcher: BastionLauncher;
  readonly sshd: Sshd;
  /** Options that OpenSSH's clients share, ProxyCommand among them. */
  readonly options: readonly string[];
  /** `user@web1`. */
  readonly login: string;
}

/** ssh's `-o ProxyCommand`, to a real sshd behind the VM's port 22. */
async function withProxy(body: (way: ProxyWay) => Promise<void>): Promise<void> {
  await using sshd = await startSshd();
  await withAzure({ ports: { 22: sshd.port } }, async (azure) => {
    const launcher = await createBastionLauncher(azure);
    const command = `${launcher.path} proxy --name hub --resource-group net ` +
      `--target-resource-id ${azure.vmId}`;
    const options = [...sshd.clientOptions, "-o", `ProxyCommand=${command}`];
    try {
      await body({ azure, launcher, sshd, options, login: `${sshd.user}@web1` });
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : error}\nsshd: ${sshd.log()}\nlog: ${
          (await launcher.log()).slice(-4000)
        }`,
        { cause: error },
      );
    }
    await launcher.settle();
  });
}

needs(...sshdPrograms).test(
  "ssh by ProxyCommand: exit code, both outputs, and nothing of ours among them",
  () =>
    withProxy(async ({ launcher, options, login }) => {
      const { code, stdout, stderr } = await runProgram(
        ["ssh", ...options, login, "echo out; echo err >&2; exit 7"],
        launcher,
      );
      assert.deepEqual(
        { code, stdout, stderr: withoutCloud(stderr) },
        { code: 7, stdout: "out\n", stderr: "err\n" },
      );
    }),
);

needs(...sshdPrograms).test(
  "ssh by ProxyCommand carries binary stdin and stdout unchanged",
  () =>
    withProxy(async ({ azure, launcher, options, login }) => {
      const [sent, received] = [azure.file("sent"), azure.file("received")];
      await Deno.writeFile(sent, randomBytes(SIZE));
      await runSuccessfully([
        "sh",
        "-c",
        'in=$1; out=$2; shift 2; exec ssh "$@" cat < "$in" > "$out"',
        ...["sh", sent, received, ...options, login],
      ], launcher);
      assert.equal(await sha256OfFile(received), await sha256OfFile(sent));
    }),
);

needs(...sshdPrograms, "scp", "sftp").test(
  "scp -r and sftp by ProxyCommand copy there and back",
  () =>
    withProxy(async ({ azure, launcher, options, login }) => {
      const [from, there, back] = ["from", "there", "back"].map((name) => azure.file(name));
      if (!from || !there || !back) throw new Error("three paths");
      for (let i = 0; i < 20; i++) {
        await writeDeep(`${from}/folder ${i % 3}/file ä ${i}`, randomBytes(i * 997));
      }
      await writeDeep(`${from}/big`, randomBytes(SIZE));
      await runSuccessfully(["scp", "-qr", ...options, from, `${login}:${there}`], launcher);
      await runSuccessfully(["scp", "-qr", ...options, `${login}:${there}`, back], launcher);
      assert.deepEqual(await describeTree(back), await describeTree(from));

      await runSuccessfully(["sftp", "-b", "-", ...options, login], {
        ...launcher,
        stdin: `get ${there}/big ${azure.file("by-sftp")}\n`,
      });
      assert.equal(await sha256OfFile(azure.file("by-sftp")), await sha256OfFile(`${from}/big`));
    }),
);

needs(...sshdPrograms, "rsync").test(
  "rsync -a --delete by ProxyCommand makes a tree the same, twice",
  () =>
    withProxy(async ({ azure, launcher, options, login }) => {
      const [from, to] = [azure.file("from"), azure.file("to")];
      for (let i = 0; i < 60; i++) {
        await writeDeep(`${from}/folder-${i % 7}/file ${i}`, randomBytes(i * 97));
      }
      await writeDeep(`${from}/big`, randomBytes(SIZE));
      const shell = ["ssh", ...options].map((word) => `'${word}'`).join(" ");
      const copy = () =>
        runSuccessfully(
          ["rsync", "-a", "--delete", "-e", shell, `${from}/`, `${login}:${to}/`],
          launcher,
        );
      await copy();
      assert.deepEqual(await describeTree(to), await describeTree(from));
      await Deno.remove(`${from}/folder-3`, { recursive: true });
      await writeDeep(`${from}/folder-1/new`, randomBytes(1000));
      await copy();
      assert.deepEqual(await describeTree(to), await describeTree(from));
    }),
);

needs(...sshdPrograms, "git").test(
  "git by ProxyCommand clones and pushes",
  () =>
    withProxy(async ({ azure, launcher, options, login }) => {
      const env = {
        ...launcher.env,
        GIT_SSH_COMMAND: ["ssh", ...options].map((word) => `'${word}'`).join(" "),
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_AUTHOR_NAME: "Test",
        GIT_AUTHOR_EMAIL: "test@example.test",
        GIT_COMMITTER_NAME: "Test",
        GIT_COMMITTER_EMAIL: "test@example.test",
      };
      const git = async (...args: string[]) =>
        (await runSuccessfully(["git", ...args], { env })).stdout.trim();
      const [origin, first, second] = ["origin.git", "first", "second"].map((n) => azure.file(n));
      if (!origin || !first || !second) throw new Error("three paths");
      await git("init", "-q", "--bare", "-b", "main", origin);
      const url = `ssh://${login}${origin}`;
      await git("clone", "-q", url, first);
      await writeDeep(`${first}/deep/file`, randomBytes(SIZE / 2));
      await git("-C", first, "add", "-A");
      await git("-C", first, "commit", "-q", "-m", "one");
      await git("-C", first, "push", "-q", "origin", "HEAD:main");
      await git("clone", "-q", url, second);
      await git("-C", second, "fsck", "--strict");
      assert.equal(
        await sha256OfFile(`${second}/deep/file`),
        await sha256OfFile(`${first}/deep/file`),
      );
    }),
);

needs(...sshdPrograms).test(
  "20 proxies at once, each with its own session",
  () =>
    withProxy(async ({ azure, launcher, options, login }) => {
      const all = await Promise.all(Array.from({ length: 20 }, (_, i) =>
        runProgram(["ssh", ...options, login, `head -c 100000 /dev/zero; echo ${i}`], {
          ...launcher,
          timeout: 240_000,
        })));
      assert.deepEqual(
        all.map(({ code, stdout }) => ({ code, size: stdout.length, tail: stdout.slice(100_000) })),
        all.map((_, i) => ({ code: 0, size: 100_000 + `${i}\n`.length, tail: `${i}\n` })),
      );
      assert.equal(azure.emulator.stats().sessionsIssued, 20);
    }),
);

/** An emulated cloud is named on stderr once a run, whatever is done with it. */
function withoutCloud(stderr: string): string {
  return stderr.replace(/^warning \[core\] the cloud is .*\n/gm, "");
}

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
      assert.deepEqual({ code, stderr: withoutCloud(stderr) }, { code: 0, stderr: "" });
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
