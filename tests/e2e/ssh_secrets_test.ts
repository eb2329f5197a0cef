/**
 * What a sign-in needs, while `bastion ssh` runs and after every way of its end: private on disk or
 * not there, and nowhere else.
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { AAD_APP, withAad } from "../helpers/aad_ssh.ts";
import { type BackgroundProcess, startInBackground } from "../helpers/background_process.ts";
import {
  type BastionSsh,
  type BastionSshOptions,
  privateDirectories,
  withSsh,
} from "../helpers/bastion_ssh.ts";
import { createBastionLauncher } from "../helpers/bastion_launcher.ts";
import { CLIENT_SECRET, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { assertNoLeaks } from "../helpers/leak_check.ts";
import { needsThat } from "../helpers/needs.ts";
import { hasProc } from "../helpers/process_files.ts";
import { processTree } from "../helpers/process_tree.ts";
import { canHaveUsers } from "../helpers/sshd.ts";

const PASSWORD = "pass %w0rd's $(x) \"ä\\";
/** So much goes up before the tunnel is lost, in bytes; a sign-in is far less. */
const CUT = 100_000;

interface SignIn {
  readonly name: string;
  readonly words: (way: BastionSsh) => readonly string[];
  /** What it reads before the remote command's own input. */
  readonly stdin: string;
  run(body: (way: BastionSsh) => Promise<void>, azure: Faults): Promise<void>;
}

type Faults = Pick<NonNullable<BastionSshOptions["azure"]>, "faults">;

const signIns: readonly SignIn[] = [
  {
    name: "password",
    words: ({ sshd }) => ["-l", sshd.user, "--auth-type", "password", "--password-stdin"],
    stdin: `${PASSWORD}\n`,
    run: (body, azure) =>
      withSsh(body, { azure, sshd: { password: { value: PASSWORD, by: "password" } } }),
  },
  {
    name: "aad",
    words: () => ["--auth-type", "aad"],
    stdin: "",
    run: (body, azure) => withAad(body, { user: AAD_APP, azure }),
  },
];

type Client = "native" | "builtin";

interface Ending {
  readonly name: string;
  readonly faults?: Faults["faults"];
  readonly end: (process: BackgroundProcess, type: (text: string) => Promise<void>) => unknown;
  /** OpenSSH ends with 255 by every signal. */
  readonly code: Readonly<Record<Client, number>>;
  readonly says?: RegExp;
}

const endings: readonly Ending[] = [
  {
    name: "exit",
    end: (_process, type) => type("exit 7\n"),
    code: { native: 7, builtin: 7 },
  },
  {
    name: "SIGINT",
    end: ({ signal }) => signal("SIGINT"),
    code: { native: 255, builtin: 130 },
  },
  {
    name: "SIGTERM",
    end: ({ signal }) => signal("SIGTERM"),
    code: { native: 255, builtin: 143 },
  },
  {
    name: "SIGHUP",
    end: ({ signal }) => signal("SIGHUP"),
    code: { native: 255, builtin: 129 },
  },
  {
    name: "a lost tunnel",
    faults: [{ at: "stream", kind: "rst", direction: "up", afterBytes: CUT }],
    // It may be gone before it has read all.
    end: (_process, type) => type(`#${"x".repeat(2 * CUT)}\n`).catch(() => {}),
    code: { native: 255, builtin: 255 },
    says: /The connection to Azure Bastion was cut/,
  },
];

const test = needsThat(canHaveUsers(), "way to give sshd users of its own").test;

for (const client of ["native", "builtin"] as const) {
  for (const signIn of signIns) {
    for (const ending of endings) {
      const name = `${client}, ${signIn.name}, ended by ${ending.name}`;
      test(`${name}: secrets are private while it runs, and gone`, () =>
        signIn.run((way) => lookAt(way, client, signIn, ending), { faults: ending.faults ?? [] }));
    }
  }
}

async function lookAt(
  way: BastionSsh,
  client: Client,
  { name, words, stdin }: SignIn,
  { end, code, says = /^/ }: Ending,
): Promise<void> {
  const { azure, launcher } = way;
  const temporary = azure.file("tmp");
  await Deno.mkdir(temporary, { mode: 0o700 });
  await using process = startInBackground(
    [launcher.path, "ssh", "web1", "--client", client, ...words(way), "--debug", "sh"],
    { env: { ...launcher.env, TMPDIR: temporary }, stdin: "piped" },
  );
  const writer = process.stdin?.getWriter() ?? assert.fail("no stdin");
  const type = (text: string) => writer.write(new TextEncoder().encode(text));
  await type(`${stdin}echo ready\n`);
  await process.output("stdout", /^ready$/m);

  const keys: string[] = [];
  for (const path of await privateFiles(azure.stateDirectory, temporary)) {
    const lines = (await Deno.readTextFile(path)).split("\n");
    if (/^-----BEGIN .*PRIVATE KEY-----$/.test(lines[0] ?? "")) keys.push(...bodyOf(lines));
  }
  assert.equal(keys.length > 0, client === "native" && name === "aad", "a key in a file");
  const secrets = [PASSWORD, CLIENT_SECRET, ...keys, ...azure.emulator.secrets()];
  // What the user himself has put into the environment is there, and nothing else.
  const given = new Set<string>(Object.values(launcher.env));
  const own = secrets.filter((secret) => !given.has(secret));
  const shown = await processTree(process.pid);
  const children = shown.filter(({ cmdline }) => / proxy /.test(cmdline));
  assert.equal(children.length > 0, client === "native", "ssh and its proxy");
  for (const { pid, cmdline, environ } of shown) {
    assert.match(environ, /^XDG_STATE_HOME=/m);
    assertNoLeaks({ [`words of ${pid}`]: cmdline }, secrets);
    assertNoLeaks({ [`environment of ${pid}`]: environ }, own);
  }

  await end(process, type);
  const status = await process.exit(60_000);
  assert.equal(status.code, code[client], process.stderr());
  assert.match(process.stderr(), says);
  await writer.close().catch(() => {});
  await eventually("its proxy's end", async () => {
    const alive = await Promise.all(shown.map(({ pid }) => isThere(pid)));
    return !alive.includes(true);
  });
  assert.deepEqual(await privateDirectories(azure), []);
  assert.deepEqual(await privateFiles(temporary), []);
  // Azure's own token is kept there for the next run; the VM's sign-in is not.
  for (const path of await privateFiles(azure.stateDirectory)) {
    assertNoLeaks({ [path]: await Deno.readTextFile(path) }, [PASSWORD, ...keys]);
  }
  const log = await launcher.log();
  assertNoLeaks({ log, stdout: process.stdout(), stderr: process.stderr() }, secrets);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  needsThat(hasProc, "/proc").test(
    `a password that waits for the VM's question is private, and gone after ${signal}`,
    () =>
      withAzure({ ports: { 22: "filtered" } }, async (azure) => {
        azure.addSecret(PASSWORD);
        const launcher = await createBastionLauncher(azure);
        await using process = startInBackground(
          [launcher.path, ...["ssh", "web1", "-l", "u", "--password-stdin", "--debug"]],
          { env: launcher.env, stdin: "piped" },
        );
        const writer = process.stdin?.getWriter() ?? assert.fail("no stdin");
        await writer.write(new TextEncoder().encode(`${PASSWORD}\n`));
        const [file = ""] = await eventually("the password's file", async () => {
          const files = await privateFiles(azure.stateDirectory);
          const found = files.filter((path) => path.endsWith("/password"));
          return azure.emulator.stats().openWebSockets > 0 && found.length === 1 && found;
        }, { within: 60_000 });
        assert.equal(await Deno.readTextFile(file), PASSWORD);
        for (const { cmdline, environ } of await processTree(process.pid)) {
          assertNoLeaks({ cmdline, environ }, [PASSWORD]);
        }
        process.signal(signal);
        assert.notEqual((await process.exit(60_000)).code, 0);
        await writer.close().catch(() => {});
        assert.deepEqual(await privateDirectories(azure), []);
        const shown = { stdout: process.stdout(), stderr: process.stderr() };
        assertNoLeaks({ ...shown, log: await launcher.log() }, [PASSWORD]);
        await launcher.settle();
      }),
  );
}

/** All files beneath, of which nobody else may read any. */
async function privateFiles(...directories: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const directory of directories) {
    assertPrivate(directory, await Deno.lstat(directory));
    for await (const { name, isDirectory } of Deno.readDir(directory)) {
      const path = join(directory, name);
      if (isDirectory) files.push(...await privateFiles(path));
      else {
        assertPrivate(path, await Deno.lstat(path));
        files.push(path);
      }
    }
  }
  return files;
}

function assertPrivate(path: string, { mode }: Deno.FileInfo): void {
  assert.equal((mode ?? 0) & 0o077, 0, `${path} has the mode ${mode?.toString(8)}`);
}

/** The lines of a PEM key that are its own. */
function bodyOf(lines: readonly string[]): string[] {
  return lines.filter((line) => /^[\w+/=]{40,}$/.test(line));
}

async function isThere(pid: number): Promise<boolean> {
  const [first] = await processTree(pid);
  return first !== undefined && first.cmdline !== "";
}
