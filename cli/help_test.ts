import assert from "node:assert/strict";
import type { Command } from "../core/plugin/plugin.ts";
import { helpDocument, helpPage } from "./help.ts";
import { createStyle } from "./style.ts";

const handler = () => Promise.resolve({ run: () => Promise.resolve() });
const tunnel: Command = {
  path: "tunnel",
  summary: "Open a local port",
  description: "More about it.",
  args: [{ name: "TARGET", summary: "where to" }],
  rest: { placeholder: "CMD …", summary: "run it" },
  options: [
    {
      name: "frame-size",
      type: "integer",
      placeholder: "N",
      min: 1,
      max: 9,
      default: 4,
      summary: "Size",
    },
    {
      name: "name",
      short: "n",
      type: "string",
      placeholder: "A|[b]",
      summary: "Host",
      az: true,
      required: true,
    },
    { name: "wait", type: "duration", placeholder: "TIME", default: 30_000, summary: "Wait" },
    {
      name: "by",
      type: "choice",
      placeholder: "X",
      choices: { from: "transports" },
      env: "BY",
      summary: "Way",
    },
    { name: "no-check", type: "boolean", summary: "Check nothing" },
  ],
  examples: [{ text: "Simply", command: "bastion tunnel x" }],
  handler,
};
const child: Command = {
  path: "tunnel list",
  summary: "List them",
  options: [],
  examples: [],
  handler,
};
const commands = new Map([tunnel, child].map((command) => [command.path, command]));
const options = {
  commands,
  choicesOf: () => ["webtunnel", "ws"],
  width: 80,
  style: createStyle(false),
};

Deno.test("the page of a command has everything that can be said to it, az's options first", () => {
  const page = helpPage("tunnel", tunnel, options);
  const order = [
    "Usage: bastion tunnel --name A|[b] [OPTIONS] [TARGET] [-- CMD …]\n",
    "Open a local port.\n",
    "More about it.\n",
    "Arguments:\n",
    "  TARGET ",
    "  -- CMD … ",
    "Options, as in az:\n",
    "  -n, --name A|[b]         Host (required)\n",
    "Options:\n",
    "      --frame-size N       Size (default: 4)\n",
    "      --wait TIME          Wait (default: 30s)\n",
    "      --by X               Way (one of webtunnel, ws; variable: BY)\n",
    "      --no-check           Check nothing\n",
    "Options of every command:\n",
    "      --no-color ",
    "Commands:\n  tunnel list ",
    "Examples:\n  Simply:\n    bastion tunnel x\n",
    "BASTION_FRAME_SIZE for --frame-size",
  ];
  let at = 0;
  for (const part of order) {
    const found = page.indexOf(part, at);
    assert.ok(found >= 0, `${JSON.stringify(part)} is not there, or not in its place:\n${page}`);
    at = found + part.length;
  }
  assert.ok(!page.includes("\x1b"));
});

Deno.test("a page keeps to the terminal's width, and has marks only where they are wanted", () => {
  const narrow = helpPage("tunnel", tunnel, { ...options, width: 70, style: createStyle(true) });
  assert.ok(narrow.includes("\x1b[1mOptions:\x1b[0m"));
  const overview = helpPage("", undefined, { ...options, width: 70 });
  const upToCodes = overview.split("Exit codes:")[0] ?? "";
  for (const line of upToCodes.split("\n")) assert.ok(line.length <= 70, line);
});

Deno.test("the overview lists the commands, and the exit codes", () => {
  const page = helpPage("", undefined, options);
  assert.match(page, /Commands:\n {2}tunnel +Open a local port\n {2}tunnel list +List them\n/);
  assert.match(page, /Exit codes:\n {2}0 +done/);
  assert.match(page, / 13 +a plugin/);
});

Deno.test("programs get the same as data", () => {
  const document = helpDocument("", undefined, options) as { commands: Record<string, unknown>[] };
  assert.deepEqual(document.commands.map(({ name }) => name), ["tunnel", "tunnel list"]);
  const { options: given, examples } = helpDocument("tunnel", tunnel, options) as {
    options: { name: string; env?: string; choices?: unknown }[];
    examples: unknown;
  };
  assert.deepEqual(examples, tunnel.examples);
  assert.deepEqual(given.map(({ env }) => env), [
    "BASTION_FRAME_SIZE",
    "BASTION_NAME",
    "BASTION_WAIT",
    "BY",
    "BASTION_NO_CHECK",
  ]);
  assert.deepEqual(given[3]?.choices, ["webtunnel", "ws"]);
});
