import assert from "node:assert/strict";
import { resolve } from "node:path";
import type { Command, Option } from "../plugin/plugin.ts";
import { checkConfig } from "./check_config.ts";
import { configJsonSchema } from "./config_json_schema.ts";
import { configShape } from "./config_shape.ts";
import { layerConfig } from "./layer_config.ts";
import { parseConfig } from "./parse_config.ts";

const globalOptions: readonly Option[] = [
  { name: "quiet", type: "boolean", summary: "Be quiet" },
  { name: "ca-file", type: "path", placeholder: "FILE", summary: "Trust it" },
  { name: "config", type: "path", placeholder: "FILE", summary: "Another file" },
  { name: "help", type: "boolean", env: false, summary: "Help" },
  {
    name: "credential",
    type: "choice",
    choices: { from: "credentials" },
    placeholder: "NAME",
    summary: "Credential",
  },
];
const port: Option = {
  name: "resource-port",
  type: "integer",
  min: 1,
  max: 65535,
  placeholder: "PORT",
  summary: "Port on the target",
  required: true,
};
const command = (path: string, options: readonly Option[]): Command => ({
  path,
  summary: "Do it",
  options,
  examples: [],
  handler: () => Promise.reject(new Error("never called")),
});
const shape = configShape({
  globalOptions,
  commands: [
    command("tunnel", [
      port,
      { name: "timeout", type: "duration", placeholder: "TIME", summary: "End" },
      { name: "once", type: "boolean", summary: "Once" },
    ]),
    command("account set", [{ name: "x", type: "string", placeholder: "X", summary: "X" }]),
    command("bare", []),
  ],
  plugins: [
    { name: "rdp", configSchema: [{ name: "wide", type: "boolean", summary: "Wide" }] },
    { name: "other" },
  ],
});
const directory = resolve("/etc/x");
const reading = { directory, home: resolve("/home/u"), choicesOf: () => ["login", "azure-cli"] };

async function check(text: string) {
  return checkConfig(await parseConfig(text, "F"), shape, reading);
}

const problems: readonly [string, readonly RegExp[]][] = [
  ["zzzzzz: x", [/^1:1 the file has no key zzzzzz\. Known are quiet/]],
  ["quite: true", [/^1:1 the file has no key quite\. Did you mean quiet\?/]],
  ["config: x", [/^1:1 the file has no key config\./]],
  ["help: true", [/^1:1 the file has no key help\./]],
  ["client-secret: x", [/Secrets have no place in this file/]],
  ["\nquiet: maybe", [/^2:8 quiet must be 1, true or yes.*It takes true or false/]],
  ["quiet:", [/^1:1 quiet has no value/]],
  ["quiet: [true]", [/^1:8 quiet is one value, and here are a list/]],
  ["ca-file: {a: 1}", [/^1:10 ca-file is one value, and here are keys/]],
  ["credential: azure", [/^1:13 credential must be one of login, azure-cli, not "azure"/]],
  ["[1, 2]", [/^1:1 the file is no list of keys/]],
  ["hello", [/^1:1 the file is no list of keys/]],
  ["defaults:\n  tunel: {}", [/^2:3 defaults has no key tunel\. Did you mean tunnel\?/]],
  ["defaults:\n  bare: {}", [/^2:3 defaults has no key bare/]],
  [
    "defaults:\n  tunnel:\n    resource_port: 22\n    timeout: 5 days\n    resource-port: 0",
    [
      /^3:5 defaults → tunnel has no key resource_port\. Did you mean resource-port\?/,
      /^4:14 defaults → tunnel → timeout must be a time/,
      /^5:20 defaults → tunnel → resource-port must be a whole number from 1 to 65535, not "0"/,
    ],
  ],
  ["defaults: 5", [/^1:11 defaults is no list of keys/]],
  ["profiles:\n  a:\n    profiles: {}", [/^3:5 profiles → a has no key profiles/]],
  ["profiles:\n  a:\n    profile: b", [/^3:5 profiles → a has no key profile\./]],
  ["aliases:\n  web: {bastion: hub}", [
    /^2:3 aliases → web lacks the key target\. It needs target/,
  ]],
  ["aliases:\n  web: {target: a, porrt: 1}", [/^2:20 aliases → web has no key porrt\. Known are/]],
  ["aliases:\n  web:", [/^2:3 aliases → web → target has no value/]],
  ["clouds:\n  lab: {authority: https:\/\/a}", [
    /lacks the key resourceManager/,
    /lacks the key audience/,
  ]],
  ["clouds:\n  lab: x", [/^2:8 clouds → lab is no list of keys/]],
  ["plugins:\n  other: {}", [/^2:3 plugins has no key other\. Known are rdp/]],
  ["plugins:\n  rdp: {wyde: 1}", [/^2:9 plugins → rdp has no key wyde\. Did you mean wide\?/]],
];
for (const [text, expected] of problems) {
  Deno.test(`wrong in a config file: ${JSON.stringify(text)}`, async () => {
    const said = (await check(text)).problems.map(({ line, column, problem, remedy }) =>
      `${line}:${column} ${problem}. ${remedy}`
    );
    assert.equal(said.length, expected.length, said.join("\n"));
    for (const [index, pattern] of expected.entries()) assert.match(said[index] ?? "", pattern);
  });
}

Deno.test("values are read as options are; paths are relative to the file, or to home", async () => {
  const { values, problems } = await check(`
quiet: yes
ca-file: ca.pem
credential: AZURE-CLI
bastion: net/hub
defaults:
  tunnel: {timeout: 15m, resource-port: "22", once: false}
  account set:
    x: 17
aliases:
  web: app/web1
  db: {target: app/db1, resource-port: 5432}
plugins:
  rdp: {wide: true}
profiles:
  p: {ca-file: ~/ca.pem}
  # all of it is commented out
  q:
`);
  assert.deepEqual(problems, []);
  const read = values.map(({ path, value, line }) => [path.join("."), value, line]);
  assert.deepEqual(read, [
    ["quiet", true, 2],
    ["ca-file", resolve(directory, "ca.pem"), 3],
    ["credential", "azure-cli", 4],
    ["bastion", "net/hub", 5],
    ["defaults.tunnel.timeout", 900_000, 7],
    ["defaults.tunnel.resource-port", 22, 7],
    ["defaults.tunnel.once", false, 7],
    ["defaults.account set.x", "17", 9],
    ["aliases.web.target", "app/web1", 11],
    ["aliases.db.target", "app/db1", 12],
    ["aliases.db.resource-port", 5432, 12],
    ["plugins.rdp.wide", true, 14],
    ["profiles.p.ca-file", resolve("/home/u/ca.pem"), 16],
  ]);
});

Deno.test("a file of another kind is not answered by thousands of lines", async () => {
  const text = Array.from({ length: 5_000 }, (_, index) => `k${index}: 1`).join("\n");
  assert.equal((await check(text)).problems.length, 50);
});

Deno.test("the profile goes before the rest, aliases and clouds as a whole", async () => {
  const { values } = await check(`
quiet: true
bastion: a
aliases: {web: {target: t1, user: u1}, db: d}
profiles:
  p: {bastion: b, aliases: {web: t2}}
  q: {bastion: c}
`);
  const layers = (profile?: string) =>
    Object.fromEntries(
      layerConfig(values, profile).map(({ path, value, source }) => [
        path.join("."),
        `${value} ${source.kind} ${"line" in source ? source.line : ""}`,
      ]),
    );
  assert.deepEqual(layers("p"), {
    "bastion": "b profile 6",
    "aliases.web.target": "t2 profile 6",
    "quiet": "true file 2",
    "aliases.db.target": "d file 4",
  });
  assert.deepEqual(layers(), {
    "quiet": "true file 2",
    "bastion": "a file 3",
    "aliases.web.target": "t1 file 4",
    "aliases.web.user": "u1 file 4",
    "aliases.db.target": "d file 4",
  });
});

Deno.test("the JSON Schema says the same as the check", () => {
  const schema = JSON.parse(JSON.stringify(configJsonSchema(shape)));
  const { defaults, aliases, clouds, profiles, quiet, credential } = schema.properties;
  assert.deepEqual(quiet, { description: "Be quiet", type: "boolean" });
  assert.equal(credential.type, "string");
  assert.deepEqual(Object.keys(defaults.properties), ["tunnel", "account set"]);
  const { tunnel } = defaults.properties;
  assert.equal(tunnel.required, undefined);
  assert.equal(tunnel.additionalProperties, false);
  assert.equal(tunnel.properties["resource-port"].maximum, 65535);
  assert.deepEqual(aliases.additionalProperties.anyOf[1].required, ["target"]);
  assert.deepEqual(clouds.additionalProperties.required, [
    "resourceManager",
    "authority",
    "audience",
  ]);
  assert.equal(profiles.additionalProperties.properties.profiles, undefined);
  assert.equal(schema.properties.config, undefined);
});
