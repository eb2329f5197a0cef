/** What `--version` and `--help` load when they run, as the runtime counts it. */

import assert from "node:assert/strict";
import { bastionCommand, bastionEnvironment } from "../helpers/bastion_process.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { tempDir } from "../helpers/temp_dir.ts";

/** Every module whose code ran while the program had these arguments. */
async function modulesRunBy(args: readonly string[]): Promise<string[]> {
  await using directory = await tempDir();
  const [deno, run, ...words] = bastionCommand();
  await runSuccessfully(
    [deno, run ?? "run", `--coverage=${directory.path}`, ...words, ...args],
    { env: bastionEnvironment(), inherit: false },
  );
  const urls: string[] = [];
  for await (const { name } of Deno.readDir(directory.path)) {
    if (!name.endsWith(".json")) continue;
    const coverage: { url: string } = JSON.parse(await Deno.readTextFile(directory.file(name)));
    urls.push(coverage.url);
  }
  return urls;
}

/** The npm packages among them. */
function packagesIn(modules: readonly string[]): string[] {
  const names = modules.flatMap((url) =>
    /\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []
  );
  return [...new Set(names)].sort();
}

/** The plugins' own code, but for what describes them. */
function handlersIn(modules: readonly string[]): string[] {
  const described =
    /\/plugins\/(?:defaults|.+\/(?:mod|errors|shells|launcher_names|commands|\w+_options|\w+_resolver))\.ts$/;
  return modules.filter((url) => url.includes("/plugins/") && !described.test(url));
}

Deno.test("--version loads neither libraries nor plugins nor the core's engine", async () => {
  const modules = await modulesRunBy(["--version"]);
  assert.ok(modules.some((url) => url.endsWith("/cli/run.ts")), "the count works");
  assert.deepEqual(packagesIn(modules), []);
  assert.deepEqual(modules.filter((url) => /\/(?:plugins|core\/(?:tunnel|app))/.test(url)), []);
});

for (const args of [["--help"], ["tunnel", "--help"], ["emulator", "--help"]]) {
  Deno.test(`${args.join(" ")} loads the parser, and no other library and no handler`, async () => {
    const modules = await modulesRunBy(args);
    assert.deepEqual(packagesIn(modules), ["commander"]);
    assert.deepEqual(handlersIn(modules), []);
  });
}

Deno.test("the count sees what a command loads", async () => {
  const modules = await modulesRunBy(["emulator", "exec", "--", Deno.execPath(), "eval", "1"]);
  const packages = packagesIn(modules);
  for (const name of ["@peculiar/x509", "ssh2", "ws", "yaml", "zod"]) {
    assert.ok(packages.includes(name), `${name} among ${packages}`);
  }
  assert.ok(handlersIn(modules).length > 10);
});
