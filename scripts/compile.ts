/**
 * Makes the one-file program: `deno task compile [--target TRIPLE] [--output FILE]`, to
 * dist/bastion for this platform, or dist/TRIPLE/bastion for another.
 *
 * DENO_COMPILE names another Deno to compile with; DENORT_BIN, which Deno itself reads, a runtime
 * to embed where none can be downloaded.
 */

import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "./project_files.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { target: { type: "string" }, output: { type: "string" } },
});
const { target } = values;
const windows = target === undefined ? Deno.build.os === "windows" : target.includes("windows");
const name = windows ? "bastion.exe" : "bastion";
const output = values.output ?? join(projectRoot, "dist", ...(target ? [target] : []), name);
await Deno.mkdir(dirname(output), { recursive: true });

const { code } = await new Deno.Command(Deno.env.get("DENO_COMPILE") ?? Deno.execPath(), {
  args: [
    "compile",
    "--quiet",
    // `deno task ok` has checked the types, by the version that we write for.
    "--no-check",
    // The lock is the release's list of what is inside; another Deno must not rewrite it.
    "--frozen",
    "-A",
    "--no-prompt",
    // New objects in four MiB at most: idle connections must not fill the memory (docs/decisions/0010).
    "--v8-flags=--max-semi-space-size=2",
    ...(target === undefined ? [] : ["--target", target]),
    "--output",
    output,
    "cli/main.ts",
  ],
  cwd: projectRoot,
}).spawn().status;
if (code !== 0) {
  console.error(
    "error: deno compile failed. It downloads a runtime from Deno's own site; where that cannot be reached, name one by DENORT_BIN.",
  );
  Deno.exit(code);
}
const { size } = await Deno.stat(output);
console.log(`${output} (${(size / 1024 ** 2).toFixed(1)} MiB)`);
