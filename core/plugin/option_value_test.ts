import assert from "node:assert/strict";
import { resolve } from "node:path";
import type { Option } from "./plugin.ts";
import { readOptionValue } from "./option_value.ts";

const cwd = resolve("/home/user");
const choices = ["password", "ssh-key", "aad"];
const base = { name: "x", summary: "X", placeholder: "X" };
const options = {
  boolean: { ...base, type: "boolean" },
  string: { ...base, type: "string" },
  path: { ...base, type: "path" },
  port: { ...base, type: "integer", min: 0, max: 65535 },
  duration: { ...base, type: "duration" },
  choice: { ...base, type: "choice", choices },
} as const satisfies Record<string, Option>;

const good: readonly [keyof typeof options, string, string | number | boolean][] = [
  ["boolean", "1", true],
  ["boolean", "TRUE", true],
  ["boolean", "yes", true],
  ["boolean", "0", false],
  ["boolean", "False", false],
  ["boolean", "NO", false],
  ["string", "hub", "hub"],
  ["string", " ", " "],
  ["string", "--x", "--x"],
  ["path", "a/b", resolve(cwd, "a/b")],
  ["path", "/etc/x", resolve("/etc/x")],
  ["port", "0", 0],
  ["port", "65535", 65535],
  ["port", "022", 22],
  ["duration", "0", 0],
  ["duration", "90", 90_000],
  ["duration", "90s", 90_000],
  ["duration", "15m", 900_000],
  ["duration", "8H", 28_800_000],
  ["duration", "576h", 2_073_600_000],
  ["choice", "AAD", "aad"],
  ["choice", "ssh-key", "ssh-key"],
];

for (const [type, text, value] of good) {
  Deno.test(`a ${type} reads ${JSON.stringify(text)} as ${value}`, () => {
    assert.deepEqual(readOptionValue(options[type], text, { cwd, choices }), { value });
  });
}

const bad: readonly [keyof typeof options, string, RegExp][] = [
  ["boolean", "on", /must be 1, true or yes/],
  ["boolean", "", /must be 1/],
  ["string", "", /is empty/],
  ["path", "", /is empty/],
  ["port", "", /is empty/],
  ["port", "-1", /from 0 to 65535, not "-1"/],
  ["port", "65536", /from 0 to 65535/],
  ["port", "22.0", /whole number/],
  ["port", "1e3", /whole number/],
  ["port", "0x16", /whole number/],
  ["port", " 22", /whole number/],
  ["port", "٢٢", /whole number/],
  ["port", "99999999999999999999", /whole number/],
  ["duration", "-1", /a time such as/],
  ["duration", "1.5h", /a time such as/],
  ["duration", "1d", /a time such as/],
  ["duration", "h", /a time such as/],
  ["duration", "600h", /24 days/],
  ["choice", "key", /one of password, ssh-key, aad, not "key"/],
  ["choice", "", /is empty/],
];

for (const [type, text, problem] of bad) {
  Deno.test(`a ${type} refuses ${JSON.stringify(text)}`, () => {
    const read = readOptionValue(options[type], text, { cwd, choices });
    assert.match("problem" in read ? read.problem : "no problem", problem);
  });
}
