/** Questions on a real terminal: the answer is stdout's, and the terminal is afterwards as before. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { startInBackground } from "../helpers/background_process.ts";
import { bastionEnvironment } from "../helpers/bastion_process.ts";
import { needs } from "../helpers/needs.ts";
import { tempDir } from "../helpers/temp_dir.ts";

const program = fileURLToPath(new URL("../helpers/asking_program.ts", import.meta.url));
const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

interface Case {
  readonly kind: string;
  /** What is typed, each when the screen shows what stands before it. */
  readonly dialogue: readonly (readonly [shown: RegExp, typed: string])[];
  readonly answer?: unknown;
  readonly code: number;
}

const cases: readonly Case[] = [
  { kind: "select", dialogue: [[/navigate/, "\x1b[B"], [/❯ vm2/, "\r"]], answer: 2, code: 0 },
  {
    kind: "search",
    dialogue: [[/navigate/, "vm2 stop"], [/❯ vm2 .*\r\n {2}vm20/, "\r"]],
    answer: 2,
    code: 0,
  },
  { kind: "input", dialogue: [[/Which/, "hello\r"]], answer: "hello", code: 0 },
  { kind: "password", dialogue: [[/Which/, "not-shown\r"]], answer: "not-shown", code: 0 },
  { kind: "confirm", dialogue: [[/Which/, "n\r"]], answer: false, code: 0 },
  { kind: "input", dialogue: [[/Which/, "\x03"]], code: 130 },
  { kind: "password", dialogue: [[/Which/, "half\x03"]], code: 130 },
  { kind: "search", dialogue: [[/navigate/, "\x03"]], code: 130 },
  { kind: "select", dialogue: [[/navigate/, "SIGTERM"]], code: 143 },
];

for (const { kind, dialogue, answer, code } of cases) {
  const typed = JSON.stringify(dialogue.map(([, keys]) => keys));
  needs("script", "stty").test(`a question of kind ${kind}, answered by ${typed}`, async () => {
    await using directory = await tempDir();
    const file = (name: string) => directory.file(name);
    const line =
      `stty -g >before; sh -c 'echo $$ >pid; exec "$0" "$@"' "$DENO" run -A --no-check ` +
      `--config "$CONFIG" "$PROGRAM" ${kind} >out; echo $? >code; stty -g >after`;
    await using terminal = startInBackground(["script", "-qec", line, "/dev/null"], {
      cwd: directory.path,
      stdin: "piped",
      env: { ...bastionEnvironment(), DENO: Deno.execPath(), CONFIG: config, PROGRAM: program },
    });
    const writer = terminal.stdin?.getWriter() ?? assert.fail("no stdin");
    for (const [shown, keys] of dialogue) {
      await terminal.output("stdout", shown, 60_000);
      if (keys === "SIGTERM") Deno.kill(Number(await Deno.readTextFile(file("pid"))), keys);
      else await writer.write(new TextEncoder().encode(keys));
    }
    await terminal.exit(60_000);
    await writer.close().catch(() => {});
    const read = async (name: string) => (await Deno.readTextFile(file(name))).trim();
    assert.equal(await read("code"), String(code));
    assert.equal(await read("out"), answer === undefined ? "" : JSON.stringify(answer));
    assert.equal(await read("after"), await read("before"), "the terminal is as it was");
    // What came from a server cannot drive the terminal, and a secret is not shown.
    assert.ok(!terminal.stdout().includes("\x1b[31m"));
    assert.ok(!/not-shown|half/.test(terminal.stdout()));
  });
}
