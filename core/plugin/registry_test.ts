import assert from "node:assert/strict";
import { BastionError } from "../errors.ts";
import { createRegistry } from "./registry.ts";
import type { Command, CommandExtension, Option, Plugin } from "./plugin.ts";

const handler = () => Promise.resolve({ run: () => Promise.resolve() });

function command(path: string, options: readonly Option[] = []): Command {
  return { path, summary: "Do it", options, examples: [], handler };
}

function plugin(name: string, contributions: Partial<Plugin> = {}): Plugin {
  return { name, version: "1.0.0", apiVersion: 1, ...contributions };
}

function refusal(...plugins: readonly unknown[]): BastionError {
  try {
    createRegistry(plugins as Plugin[]);
  } catch (error) {
    assert.ok(error instanceof BastionError, String(error));
    return error;
  }
  assert.fail("nothing was refused");
}

const multi: Option = { name: "multi", type: "boolean", summary: "Many" };
const extension: CommandExtension = {
  command: "tunnel",
  options: [multi],
  when: ({ multi }) => multi === true,
  handler,
};

Deno.test("contributions are found by name, in order of start", () => {
  const transport = (name: string) => ({ name, connect: () => Promise.reject(new Error("no")) });
  const registry = createRegistry([
    plugin("core", { transports: [transport("webtunnel")] }),
    plugin("other", {
      transports: [transport("ws")],
      commands: [command("run"), command("run all")],
      errors: { "too-late": { exit: "usage", message: "Too late.", hint: "Hurry." } },
    }),
  ]);
  assert.deepEqual(registry.choices("transports"), ["webtunnel", "ws"]);
  assert.deepEqual(registry.choices("credentials"), []);
  assert.deepEqual([...registry.commands.keys()], ["run", "run all"]);
  assert.equal(registry.commandEntries.get("run")?.plugin, "other");
  assert.equal(registry.errors.get("other/too-late")?.message, "Too late.");
  assert.equal(registry.errors.get("usage")?.exit, "usage");
});

Deno.test("a taken name is an error that names both owners", () => {
  const service = { key: { name: "ssh" }, create: () => 1 };
  const provider = { name: "cli", create: () => Promise.resolve({ absent: "none" }) };
  const option = (name: string, short: string): Option => ({
    name,
    short,
    type: "boolean",
    summary: "It",
  });
  const cases: readonly [Partial<Plugin>, Partial<Plugin>, string][] = [
    [{ commands: [command("run")] }, { commands: [command("run")] }, "command run"],
    [{ services: [service] }, { services: [service] }, "service ssh"],
    [{ credentials: [provider] }, { credentials: [provider] }, "credential cli"],
    [
      { commands: [command("tunnel", [multi])] },
      { commandExtensions: [extension] },
      "option tunnel --multi",
    ],
    [
      { commands: [command("tunnel", [option("many", "m")])] },
      { commandExtensions: [{ ...extension, options: [option("multi", "m")] }] },
      "option tunnel -m",
    ],
  ];
  for (const [first, second, what] of cases) {
    const { code, message } = refusal(plugin("first", first), plugin("second", second));
    assert.equal(code, "plugin-conflict");
    assert.equal(message, `The ${what} is contributed by both first and second.`);
  }
});

Deno.test("what is not a plugin is refused with its name and the reason", () => {
  const badOption = (option: unknown) => ({
    ...plugin("p"),
    commands: [{ ...command("run"), options: [option] }],
  });
  const cases: readonly [unknown, RegExp][] = [
    [undefined, /\(without a name\).*no object/],
    [plugin("Bad Name"), /Bad Name.*lower-case/],
    [{ ...plugin("p"), version: "" }, /no version/],
    [{ ...plugin("p"), apiVersion: 2 }, /version 2 of the plugin contract/],
    [{ ...plugin("p"), comands: [] }, /comands is nothing that a plugin has/],
    [{ ...plugin("p"), commands: {} }, /commands is not a list/],
    [{ ...plugin("p"), commands: [command("Run")] }, /entry 1 of commands has no path/],
    [{ ...plugin("p"), commands: [{ ...command("run"), handler: 1 }] }, /\(run\) has no handler/],
    [badOption({ name: "a", type: "number", summary: "A" }), /--a, which is of no known type/],
    [badOption({ name: "a", type: "string", summary: "A" }), /--a, which has no placeholder/],
    [badOption({ name: "--a", type: "boolean", summary: "A" }), /lower-case/],
    [{ ...plugin("p"), hooks: { tunnelOpend: () => {} } }, /there is no hook tunnelOpend/],
    [{ ...plugin("p"), hooks: { stop: { handler: () => {}, order: 1 } } }, /neither pre nor post/],
    [
      { ...plugin("p"), errors: { late: { exit: "late", message: "m", hint: "h" } } },
      /error late lacks/,
    ],
    [plugin("p", { commandExtensions: [extension] }), /extends the command tunnel/],
  ];
  for (const [value, reason] of cases) {
    const { code, message } = refusal(value);
    assert.equal(code, "plugin-invalid");
    assert.match(message, reason);
  }
  assert.match(refusal(plugin("p"), plugin("p")).message, /another plugin has the same name/);
});

Deno.test("an extension's options join the command's", () => {
  const registry = createRegistry([
    plugin("tunnel", { commands: [command("tunnel")] }),
    plugin("multi-tunnel", { commandExtensions: [extension] }),
  ]);
  assert.deepEqual(registry.commands.get("tunnel")?.options, [multi]);
  assert.deepEqual(
    registry.commandEntries.get("tunnel")?.extensions.map(({ plugin }) => plugin),
    ["multi-tunnel"],
  );
});

Deno.test("a command whose service nobody provides is kept but not listed", () => {
  const upload = plugin("upload", {
    requires: [{ name: "ssh" }],
    commands: [command("upload")],
    commandExtensions: [extension],
  });
  const base = plugin("tunnel", { commands: [command("tunnel")] });
  const without = createRegistry([base, upload]);
  assert.deepEqual([...without.commands.keys()], ["tunnel"]);
  assert.deepEqual(without.commandEntries.get("upload")?.missing, {
    plugin: "upload",
    service: "ssh",
  });
  assert.deepEqual(without.commands.get("tunnel")?.options, []);

  const ssh = plugin("ssh", { services: [{ key: { name: "ssh" }, create: () => 1 }] });
  const listed = createRegistry([base, upload, ssh]);
  assert.deepEqual([...listed.commands.keys()], ["tunnel", "upload"]);
  assert.deepEqual(listed.commands.get("tunnel")?.options, [multi]);
});

Deno.test("checks are found by plugin and name; one that cannot run is refused at the start", () => {
  const check = (name: string) => ({
    name,
    title: "Licence",
    run: () => Promise.resolve({ status: "ok", found: "valid" } as const),
  });
  const registry = createRegistry([
    plugin("one", { checks: [check("licence")] }),
    plugin("two", { checks: [check("licence"), check("quota")] }),
  ]);
  assert.deepEqual([...registry.checks.keys()], ["one/licence", "two/licence", "two/quota"]);
  const { code, message } = refusal(plugin("one", { checks: [check("a"), check("a")] }));
  assert.equal(code, "plugin-conflict", message);
  for (const wrong of [{ name: "No Name" }, { title: "" }, { run: "x" }]) {
    const refused = refusal({ ...plugin("one"), checks: [{ ...check("a"), ...wrong }] });
    assert.equal(refused.code, "plugin-invalid");
    assert.match(refused.message, /entry 1 of checks/);
  }
});
