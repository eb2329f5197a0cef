/** The program as a process: what only a process shows. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { startInBackground } from "../tests/helpers/background_process.ts";
import { version } from "./version.ts";

const project = await Deno.realPath(fileURLToPath(new URL("..", import.meta.url)));
const main = join(project, "cli", "main.ts");

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function deno(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Ended> {
  const { INIT_CWD: _, ...inherited } = Deno.env.toObject();
  const env = Object.fromEntries(
    Object.entries({ ...inherited, ...options.env }).filter(([name]) =>
      !/^(BASTION_|DENO_TLS)/.test(name)
    ),
  );
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    clearEnv: true,
    env: { ...env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

const bastion = (args: readonly string[], options?: Parameters<typeof deno>[1]) =>
  deno(["run", "--no-prompt", "-A", main, ...args], options);

Deno.test("the process says its version, and its help, on stdout", async () => {
  assert.deepEqual(await bastion(["--version"]), {
    code: 0,
    stdout: `bastion ${version}\n`,
    stderr: "",
  });
  const { code, stdout, stderr } = await bastion(["--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: bastion COMMAND/);
  assert.equal(stderr, "");
});

Deno.test("a wrong command line ends the process with 2, on stderr", async () => {
  const { code, stdout, stderr } = await bastion(["tunnel", "--resource-port", "-1"]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^bastion: --resource-port must be a whole number from 1 to 65535/);
});

Deno.test("a relative path is the user's, by deno task as well", async () => {
  const user = await Deno.realPath(await Deno.makeTempDir());
  try {
    // Whatever the task's directory is, the log lands where the user is.
    const task = ["task", "--quiet", "--config", join(project, "deno.json"), "bastion"];
    const words = ["--log-file", "task.log", "tunel"];
    assert.equal((await deno([...task, ...words], { cwd: user })).code, 2);
    await Deno.stat(join(user, "task.log"));
    // A task of somebody else's has left INIT_CWD behind.
    const env = { INIT_CWD: project };
    const direct = await bastion(["--log-file", "direct.log", "tunel"], { cwd: user, env });
    assert.equal(direct.code, 2);
    await Deno.stat(join(user, "direct.log"));
  } finally {
    await Deno.remove(user, { recursive: true });
  }
});

Deno.test("a reader that goes away early is no failure to speak of", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const line = `"$0" run --no-prompt -A "$1" tunnel --help | head -n 1`;
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", line, Deno.execPath(), main],
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0);
  assert.match(decoder.decode(stdout), /^Usage: bastion tunnel .*\n$/);
  assert.equal(decoder.decode(stderr), "");
});

Deno.test("a signal ends a command that runs until it is told to, with 0", {
  ignore: Deno.build.os === "windows",
}, async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    await using emulator = startInBackground([
      Deno.execPath(),
      ...["run", "--no-prompt", "-A", main, "emulator", "--json"],
    ]);
    await emulator.output("stdout", /"event":"ready"/);
    emulator.signal(signal);
    const { code } = await emulator.exit();
    assert.equal(code, 0, emulator.stderr());
    assert.match(emulator.stdout(), /"event":"stopped"/);
  }
});

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    readonly isDynamic?: boolean;
  }[];
}

Deno.test("starting up loads no heavy library, and no handler", async () => {
  const { stdout } = await deno(["info", "--json", main]);
  const { modules, redirects } = JSON.parse(stdout) as {
    modules: readonly Module[];
    redirects: Readonly<Record<string, string>>;
  };
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const start = pathToFileURL(main).href;
  const reached = new Set([start]);
  for (const specifier of reached) {
    for (const { code, isDynamic } of bySpecifier.get(specifier)?.dependencies ?? []) {
      // main imports the rest by import(); elsewhere that means: when it is first needed.
      if (!code || (isDynamic && specifier !== start)) continue;
      reached.add(redirects[code.specifier] ?? code.specifier);
    }
  }
  const all = [...reached].join("\n");
  assert.match(all, /\/core\/app\.ts$/m);
  assert.match(all, /\/plugins\/tunnel\/mod\.ts$/m);
  assert.match(all, /npm:\/commander@/);
  const heavy = [...reached].filter((specifier) =>
    /npm:\/?(@azure\/|@peculiar\/|ssh2@|ws@|yaml@|zod@)/.test(specifier) ||
    /\/plugins\/emulator\/(emulator|run|exec)\.ts$|\/plugins\/tunnel\/run\.ts$/.test(specifier)
  );
  assert.deepEqual(heavy, []);
});
