import assert from "node:assert/strict";
import { resolve } from "node:path";
import { BastionError } from "../core/errors.ts";
import type { Command, CommandExtension, Option, Plugin } from "../core/plugin/plugin.ts";
import { createRegistry } from "../core/plugin/registry.ts";
import { type Call, createProgram } from "./program.ts";

const cwd = resolve("/home/user");
const handler = () => Promise.resolve({ run: () => Promise.resolve() });
const other = () => Promise.resolve({ run: () => Promise.resolve() });

function command(path: string, more: Partial<Command> = {}): Command {
  return { path, summary: "Do it", options: [], examples: [], handler, ...more };
}

function plugin(name: string, more: Partial<Plugin>): Plugin {
  return { name, version: "1.0.0", apiVersion: 1, ...more };
}

const tunnelOptions: readonly Option[] = [
  {
    name: "name",
    short: "n",
    type: "string",
    placeholder: "HOST",
    summary: "Bastion host",
    az: true,
    required: true,
  },
  { name: "resource-group", short: "g", type: "string", placeholder: "G", summary: "G", az: true },
  {
    name: "resource-port",
    type: "integer",
    placeholder: "PORT",
    min: 1,
    max: 65535,
    summary: "Port on the target",
    az: true,
    required: true,
  },
  {
    name: "port",
    type: "integer",
    placeholder: "PORT",
    min: 0,
    max: 65535,
    default: 0,
    env: "BASTION_LOCAL_PORT",
    summary: "Local port",
    az: true,
  },
  { name: "target-ip-address", type: "string", placeholder: "IP", summary: "Target", az: true },
  {
    name: "ping-interval",
    type: "duration",
    placeholder: "TIME",
    default: 30_000,
    summary: "Ping",
  },
  { name: "port-file", type: "path", placeholder: "FILE", summary: "File" },
  { name: "once", type: "boolean", summary: "Once" },
  { name: "no-check", type: "boolean", summary: "No check" },
  {
    name: "transport",
    type: "choice",
    placeholder: "NAME",
    choices: { from: "transports" },
    default: "webtunnel",
    summary: "Carrier",
  },
];
const rest = { placeholder: "CMD", summary: "Run it" };
const multi: CommandExtension = {
  command: "tunnel",
  options: [
    { name: "multi", type: "path", placeholder: "FILE", summary: "Many" },
    { name: "watch", type: "boolean", summary: "Watch", required: true },
  ],
  when: ({ multi }) => multi !== undefined,
  handler: other,
};
const pool: CommandExtension = {
  command: "tunnel",
  options: [{ name: "pool", type: "boolean", summary: "Pool" }],
  when: ({ pool }) => pool === true,
  handler: other,
};
const transport = (name: string) => ({ name, connect: () => Promise.reject(new Error("no")) });
const registry = createRegistry([
  plugin("core", { transports: [transport("webtunnel"), transport("ws")] }),
  plugin("tunnel", { commands: [command("tunnel", { options: tunnelOptions, rest })] }),
  plugin("emulator", {
    commands: [command("emulator"), command("emulator exec", { rest })],
  }),
  plugin("multi-tunnel", { commandExtensions: [multi] }),
  plugin("pool", { commandExtensions: [pool] }),
  plugin("config", {
    commands: [
      command("config get", { args: [{ name: "KEY", summary: "the key", required: true }] }),
      command("config set", { args: [{ name: "KEY", summary: "k" }, { name: "V", summary: "v" }] }),
    ],
  }),
  plugin("upload", { requires: [{ name: "ssh" }], commands: [command("upload")] }),
]);

function parse(words: readonly string[], env: Readonly<Record<string, string>> = {}): Call {
  return createProgram({ registry, env: (name) => env[name], cwd }).parse(words);
}

/** Splits at blanks; `''` is the empty word. */
function words(line: string): string[] {
  return line.split(" ").filter(Boolean).map((word) => word.replaceAll("''", ""));
}

function run(line: string, env: Readonly<Record<string, string>> = {}) {
  const call = parse(words(line), env);
  assert.equal(call.kind, "run");
  return call.kind === "run" ? call : assert.fail();
}

function usage(line: string, env: Readonly<Record<string, string>> = {}): string {
  try {
    parse(words(line), env);
  } catch (error) {
    assert.ok(error instanceof BastionError, String(error));
    assert.equal(error.exit, "usage");
    return `${error.message} ${error.hint}`;
  }
  assert.fail(`${line} is a call`);
}

const defaults = { port: 0, "ping-interval": 30_000, transport: "webtunnel" };
const needed = { ...defaults, name: "hub", "resource-port": 22 };
const N = "--name hub --resource-port 22";

const calls: readonly [string, Readonly<Record<string, unknown>>][] = [
  [`tunnel ${N}`, needed],
  [`tunnel --name=hub --resource-port=22`, needed],
  [`tunnel -n hub --resource-p 22`, needed],
  [`tunnel -nhub --resource-p=22`, needed],
  [`--json tunnel ${N} -q`, { ...needed, json: true, quiet: true }],
  [`tunnel ${N} --target-ip-addres 10.0.0.4`, { ...needed, "target-ip-address": "10.0.0.4" }],
  // Repeated: the last one counts, as with az.
  [`tunnel ${N} --name spoke`, { ...needed, name: "spoke" }],
  [`tunnel ${N} --po 50022`, { ...needed, port: 50022 }],
  [`tunnel ${N} --ping-interval 15m`, { ...needed, "ping-interval": 900_000 }],
  [`tunnel ${N} --port-file a/b`, { ...needed, "port-file": resolve(cwd, "a/b") }],
  [`tunnel ${N} --once --no-check`, { ...needed, once: true, "no-check": true }],
  [`tunnel ${N} --no-color`, { ...needed, "no-color": true }],
  [`tunnel ${N} --transport WS`, { ...needed, transport: "ws" }],
];
for (const [line, options] of calls) {
  Deno.test(`bastion ${line}`, () => {
    const { plugin, invocation } = run(line);
    assert.equal(plugin, "tunnel");
    assert.deepEqual(invocation, { options, args: [], rest: [] });
  });
}

Deno.test("words behind -- are the command's, untouched", () => {
  assert.deepEqual(
    run(`tunnel ${N} -- psql --port {port} -- -q --help`).invocation.rest,
    ["psql", "--port", "{port}", "--", "-q", "--help"],
  );
  assert.deepEqual(run(`emulator exec -- bastion --version`).invocation.rest, [
    "bastion",
    "--version",
  ]);
  assert.match(usage("emulator -- x"), /bastion emulator takes nothing behind --/);
});

Deno.test("an option that is not given is read from its variable", () => {
  const env = {
    BASTION_NAME: "hub",
    BASTION_RESOURCE_PORT: "22",
    BASTION_LOCAL_PORT: "5000",
    BASTION_ONCE: "Yes",
    BASTION_NO_CHECK: "0",
    BASTION_PORT: "1",
    BASTION_HELP: "1",
    BASTION_TRANSPORT: "",
  };
  assert.deepEqual(run("tunnel", env).invocation.options, {
    ...needed,
    port: 5000,
    once: true,
    "no-check": false,
  });
  assert.equal(run("tunnel --name spoke", env).invocation.options["name"], "spoke");
});

Deno.test("what is wrong with a variable names the variable, unless the option is given", () => {
  const env = { BASTION_LOCAL_PORT: "x", BASTION_ONCE: "maybe" };
  assert.match(usage(`tunnel ${N} --once`, env), /^BASTION_LOCAL_PORT must be a whole number/);
  assert.match(usage(`tunnel ${N} --port 1`, env), /^BASTION_ONCE must be 1, true/);
  assert.equal(run(`tunnel ${N} --port 1 --once`, env).invocation.options["port"], 1);
});

const usageErrors: readonly [string, RegExp][] = [
  ["tunnel", /needs --name and --resource-port\. Give .* BASTION_NAME and BASTION_RESOURCE_PORT/],
  ["tunnel --name hub", /needs --resource-port\./],
  [`tunnel ${N} --port -1`, /--port must be a whole number from 0 to 65535, not "-1"/],
  [`tunnel ${N} --port ''`, /--port is empty/],
  [`tunnel ${N} --port=`, /--port is empty/],
  [`tunnel ${N} --port`, /--port needs a value/],
  [`tunnel ${N} --port --once`, /--port needs a value/],
  [`tunnel ${N} --prot 1`, /no option --prot\. Did you mean --port\?/],
  [`tunnel ${N} --prot=1`, /no option --prot\. Did you mean --port\?/],
  // Ours are spelt in full; az's may be abbreviated, but not to what two share.
  [`tunnel ${N} --ping 1`, /no option --ping\. Did you mean --ping-interval\?/],
  [`tunnel ${N} --resource x`, /--resource may mean --resource-group or --resource-port/],
  [`tunnel ${N} -x`, /no option -x/],
  [`tunnel ${N} --once=1`, /--once takes no value/],
  [`tunnel ${N} --transport tcp`, /must be one of webtunnel, ws, not "tcp"/],
  [`tunnel ${N} web1`, /takes no argument, and "web1" is one too many/],
  ["config set a b c", /takes 2 arguments, and "c" is one too many/],
  ["config get", /bastion config get needs KEY: the key/],
  ["tunel", /no command tunel\. Did you mean: bastion tunnel\?/],
  ["help tunel", /no command tunel\. Did you mean: bastion tunnel\?/],
  ["tunel --help", /no command tunel/],
  ["emulator exek", /no command emulator exek\. Did you mean: bastion emulator exec\?/],
  ["config gett", /no command config gett\. Did you mean: bastion config get\?/],
  ["uplaod", /no command uplaod\. See: bastion --help/],
  ["--name hub tunnel", /bastion has no option --name.*go behind its name/],
  ["--ca-file", /--ca-file needs a value/],
  [`tunnel ${N} --multi f`, /bastion tunnel needs --watch/],
  [`tunnel --multi f --watch --pool`, /multi-tunnel and pool would both/],
];
for (const [line, problem] of usageErrors) {
  Deno.test(`bastion ${line} is a usage error`, () => {
    assert.match(usage(line), problem);
  });
}

Deno.test("an extension takes over where it is asked for, with its own needs", () => {
  const call = run("tunnel --multi f --watch");
  assert.equal(call.plugin, "multi-tunnel");
  assert.equal(call.handler, other);
  assert.equal(call.invocation.options["multi"], resolve(cwd, "f"));
  assert.equal(run(`tunnel ${N}`).handler, handler);
});

const helps: readonly [string, string][] = [
  ["", ""],
  ["--help", ""],
  ["-h", ""],
  ["help", ""],
  ["--json", ""],
  ["help tunnel", "tunnel"],
  ["help emulator exec", "emulator exec"],
  ["help --json tunnel", "tunnel"],
  ["tunnel --help", "tunnel"],
  ["tunnel -h", "tunnel"],
  ["tunnel --hel", "tunnel"],
  ["--help tunnel", "tunnel"],
  ["tunnel --bogus --help", "tunnel"],
  ["tunnel --port x --help", "tunnel"],
  ["config", "config"],
  ["config --help", "config"],
  ["upload --help", "upload"],
];
for (const [line, path] of helps) {
  Deno.test(`bastion ${line} explains "${path}"`, () => {
    assert.deepEqual(parse(words(line)), { kind: "help", path });
  });
}

Deno.test("--version is answered wherever it stands, but not behind -- or as a value", () => {
  for (const line of ["--version", "tunnel --version", "--json --version", "help --version"]) {
    assert.deepEqual(parse(words(line)), { kind: "version" });
  }
  assert.equal(run(`tunnel ${N} --name=--version`).invocation.options["name"], "--version");
});

Deno.test("a command without its service says what is missing", () => {
  assert.throws(() => parse(["upload"]), /Plugin upload needs the service ssh/);
});

Deno.test("no plugin may take what is every command's", () => {
  const cases: readonly [Command, RegExp][] = [
    [command("help"), /The command help .* bastion itself and p/],
    [
      command("x", { options: [{ name: "json", type: "boolean", summary: "J" }] }),
      /option x --json .* bastion itself and p/,
    ],
    [
      command("x", { options: [{ name: "very", short: "v", type: "boolean", summary: "V" }] }),
      /option x -v /,
    ],
  ];
  for (const [taken, message] of cases) {
    const registry = createRegistry([plugin("p", { commands: [taken] })]);
    assert.throws(() => createProgram({ registry, env: () => undefined, cwd }), message);
  }
});
