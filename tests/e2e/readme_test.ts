/** What the README promises a newcomer: two commands, and no Azure. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bastionEnvironment } from "../helpers/bastion_process.ts";
import { needs } from "../helpers/needs.ts";
import { runProgram } from "../helpers/run.ts";
import { tempDir } from "../helpers/temp_dir.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = await Deno.readTextFile(`${root}README.md`);
const config: { readonly tasks: Readonly<Record<string, { readonly description: string }>> } = JSON
  .parse(await Deno.readTextFile(`${root}deno.json`));

/** The runtime that this project is written for, and these tests run on. */
const version = Deno.version.deno;

Deno.test("README: the two commands are `demo` and `test`, and deno.json has them", () => {
  const [, section = ""] = /^## See it, in two commands$(.*?)^## /ms.exec(readme) ?? [];
  const commands = [...section.matchAll(/^npx .*$/gm)].map(([line]) => line);
  assert.deepEqual(commands, [
    `npx -y deno@${version} task demo`,
    `npx -y deno@${version} task test`,
  ]);
});

Deno.test("README: every task that it names exists, by one version of Deno", () => {
  const named = [...readme.matchAll(/deno@([\d.]+) task (?:--quiet )?([\w:]+)/g)];
  assert.ok(named.length >= 2);
  for (const [line, deno, task = ""] of named) {
    assert.equal(deno, version, line);
    assert.ok(task in config.tasks, `${line}: there is no task ${task}`);
  }
});

Deno.test("README: the files that it links to exist", async () => {
  for (const [, path = ""] of readme.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
    assert.ok(await Deno.stat(`${root}${path}`), path);
  }
});

Deno.test("deno task demo: exit code 0, the steps in order, nothing asked", async () => {
  await using home = await tempDir();
  const { code, stdout, stderr } = await runProgram([Deno.execPath(), "task", "--quiet", "demo"], {
    cwd: root,
    // Anything that would ask has nobody to ask.
    env: bastionEnvironment({ XDG_STATE_HOME: home.path }),
    inherit: false,
    timeout: 120_000,
  });
  assert.equal(code, 0, stdout + stderr);
  const steps = [...stdout.matchAll(/^(\d)\. /gm)].map(([, number]) => Number(number));
  assert.deepEqual(steps, [1, 2, 3, 4, 5, 6]);
  assert.match(stdout, /Tunnel is ready, connect on port \d+/);
  assert.match(stdout, /\(equal\)/);
  assert.match(stdout, /HTTP 403/);
  assert.match(stdout, /has 0 left/);
  assert.match(stdout, /Try next:(\n {2}npx -y deno@[\d.]+ task bastion.*){3}/);
});

needs("sh").test(
  "deno task bastion: the user's directory, arguments and exit code pass through",
  async () => {
    await using elsewhere = await tempDir();
    const bastion = (...args: string[]) =>
      runProgram(
        [Deno.execPath(), "task", "--quiet", "--config", `${root}deno.json`, "bastion", ...args],
        { cwd: elsewhere.path, env: bastionEnvironment(), inherit: false },
      );
    const shown = await bastion("--version");
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^bastion \d/);
    assert.equal((await bastion("tunnel", "--nonsense")).code, 2);
    const script = 'pwd; printf "%s|" "$@"; exit 5';
    const run = await bastion("emulator", "exec", "--", "sh", "-c", script, "sh", "a b", "c");
    assert.equal(run.code, 5, run.stderr);
    assert.equal(run.stdout, `${await Deno.realPath(elsewhere.path)}\na b|c|`);
  },
);
