import assert from "node:assert/strict";
import type { Option } from "../core/plugin/plugin.ts";
import { findOption } from "./abbreviation.ts";

const az = (name: string): Option => ({ name, type: "boolean", summary: name, az: true });
const ours = (name: string): Option => ({ name, type: "boolean", summary: name });

const options = [
  az("name"),
  az("resource-group"),
  az("resource-port"),
  az("port"),
  az("target-resource-id"),
  az("target-ip-address"),
  az("timeout"),
  az("help"),
  ours("port-file"),
  ours("ping-interval"),
  ours("help-all"),
  ours("time"),
];

const cases: readonly [string, string | readonly string[]][] = [
  ["name", "name"],
  ["n", "name"],
  ["target-ip-addres", "target-ip-address"],
  ["target-r", "target-resource-id"],
  ["resource-p", "resource-port"],
  // A rival of ours makes nothing ambiguous.
  ["po", "port"],
  ["hel", "help"],
  // Spelt in full, an option of ours wins over az's longer one.
  ["time", "time"],
  ["timeo", "timeout"],
  ["port-file", "port-file"],
  ["res", ["--resource-group", "--resource-port"]],
  ["target", ["--target-resource-id", "--target-ip-address"]],
  ["t", ["--target-resource-id", "--target-ip-address", "--timeout"]],
  ["port-f", "unknown"],
  ["ping", "unknown"],
  ["Name", "unknown"],
  ["names", "unknown"],
  ["", "unknown"],
];

for (const [word, expected] of cases) {
  Deno.test(`--${word} is ${expected}`, () => {
    const found = findOption(word, options);
    const result = "option" in found
      ? found.option.name
      : "ambiguous" in found
      ? found.ambiguous
      : "unknown";
    assert.deepEqual(result, expected);
  });
}
