import assert from "node:assert/strict";
import { exitCodeOfKind } from "../../cli/exit_codes.ts";
import type { Command, Plugin } from "../../core/mod.ts";
import { errors } from "../../core/error_catalogue.ts";
import { hookTable } from "../../core/plugin/hooks.ts";
import { commandsPage } from "./commands_page.ts";
import { errorsPage } from "./errors_page.ts";
import { exitCodesPage } from "./exit_codes_page.ts";
import { hooksPage } from "./hooks_page.ts";

const command: Command = {
  path: "greet all",
  summary: "Greet everybody",
  description: "With care.",
  args: [{ name: "name", summary: "Whom", required: true }],
  rest: { placeholder: "CMD", summary: "Run then" },
  options: [
    { name: "wait", type: "duration", placeholder: "TIME", default: 1500, summary: "Pause" },
    { name: "mode", type: "choice", placeholder: "M", choices: ["a|b", "c"], summary: "How" },
    { name: "as", type: "choice", placeholder: "A", choices: { from: "signIns" }, summary: "Who" },
    {
      name: "port",
      short: "p",
      type: "integer",
      placeholder: "PORT",
      min: 1,
      max: 9,
      summary: "Where",
      az: true,
      required: true,
      env: false,
    },
  ],
  examples: [{ text: "The usual", command: "bastion greet all --port 1 x | cat" }],
  events: { greeted: "name" },
  handler: () => Promise.reject(new Error("never called")),
};

const plugin: Plugin = { name: "greeter", version: "1.0.0", apiVersion: 1, commands: [command] };

Deno.test("commandsPage: usage, tables, examples", () => {
  const page = commandsPage([plugin, {
    ...plugin,
    name: "other",
    commands: [],
    commandExtensions: [{
      command: "greet all",
      options: [{ name: "twice", type: "boolean", summary: "Again" }],
      when: () => true,
      handler: command.handler,
    }],
  }], [{ name: "json", type: "boolean", summary: "Print JSON" }]);
  for (
    const text of [
      "    bastion greet all --port PORT [OPTIONS] NAME [-- CMD]",
      "| `-p`, `--port PORT` | Where · *az* · **required** | 1 to 9 |  |  |",
      "| `--wait TIME` | Pause | duration | `1500ms` | `BASTION_WAIT` |",
      "`a\\|b`, `c`",
      "one of the VM sign-ins; see --help",
      "| `--json` | Print JSON |  |  | `BASTION_JSON` |",
      "Added by plugin `other`",
      "| `--twice` | Again |  |  | `BASTION_TWICE` |",
      "| `greeted` | name |",
      "    bastion greet all --port 1 x | cat",
    ]
  ) assert.ok(page.includes(text), `${text}\nin:\n${page}`);
  assert.ok(page.indexOf("--port") < page.indexOf("--wait"), "az's options come first");
});

Deno.test("errorsPage: codes with prefix, exit codes as numbers", () => {
  const page = errorsPage(
    [{ owner: "core", errors }, {
      owner: "greeter",
      errors: { shy: { exit: "plugin", message: "No <word> to {name}.", hint: "Wait." } },
    }],
    exitCodeOfKind,
  );
  assert.ok(page.includes("| `greeter/shy` | 13 | No &lt;word> to {name}. | Wait. |"), page);
  assert.ok(page.includes("| `usage` | 2 | {problem} | {remedy} |"));
});

Deno.test("hooksPage: every hook of the real file, with its contract", async () => {
  const source = await Deno.readTextFile(new URL("../../core/plugin/hooks.ts", import.meta.url));
  const page = hooksPage({ hookTable, source });
  for (const name of Object.keys(hookTable)) assert.ok(page.includes(`## ${name}\n`), name);
  assert.match(page, /## stop\n\n\*lifecycle\* · The program ends.*\n\n```ts\nstop\(ctx/);
  assert.throws(
    () => hooksPage({ hookTable, source: source.replace("/** veto. May", "/** observe. May") }),
    /authorizeTunnel says another kind/,
  );
  assert.throws(
    () => hooksPage({ hookTable, source: source.replace("  stop(ctx", "  halt(ctx") }),
    /stop has no doc comment/,
  );
});

Deno.test("exitCodesPage: in order", () => {
  const page = exitCodesPage([{ code: 2, meaning: "usage" }, { code: 0, meaning: "done" }]);
  assert.ok(page.includes("| 0 | done |\n| 2 | usage |\n"), page);
});
