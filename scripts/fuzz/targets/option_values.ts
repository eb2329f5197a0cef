import assert from "node:assert/strict";
import { isAbsolute } from "node:path";
import { readOptionValue } from "../../../core/plugin/option_value.ts";
import type { Option } from "../../../core/plugin/plugin.ts";
import type { FuzzTarget } from "../target.ts";

const base = { name: "x", summary: "a value", placeholder: "X" };
const CHOICES = ["password", "ssh-key", "AAD"];
const options: readonly Option[] = [
  { ...base, type: "boolean" },
  { ...base, type: "string" },
  { ...base, type: "path" },
  { ...base, type: "integer", min: 1, max: 65_535 },
  { ...base, type: "duration" },
  { ...base, type: "choice", choices: CHOICES },
];

/** The first byte chooses the type; the rest is the text. */
export const optionValuesTarget: FuzzTarget = {
  name: "option-values",
  maxLength: 256,
  tokens: [
    "90s",
    "15m",
    "8h",
    "576h",
    "+",
    "-",
    "1e3",
    "0x10",
    "65535",
    "true",
    "NO",
    "../",
    "ssh-key",
    "\u0661",
    "\u0000",
  ],
  seeds: ["0yes", "1text", "2../a", "322", "415m", "5aad", "4577h", "3-1"],
  run(input) {
    const option = options[(input[0] ?? 0) % options.length];
    assert.ok(option);
    const text = new TextDecoder().decode(input.subarray(1));
    const read = readOptionValue(option, text, { cwd: "/home/u", choices: CHOICES });
    if ("problem" in read) {
      assert.ok(read.problem.length > 0);
      return `${option.type}: refused`;
    }
    const { value } = read;
    if (option.type === "boolean") assert.equal(typeof value, "boolean");
    if (option.type === "string") assert.equal(value, text);
    if (option.type === "path") assert.ok(isAbsolute(String(value)));
    if (option.type === "integer") assert.ok(Number(value) >= 1 && Number(value) <= 65_535);
    if (option.type === "integer" || option.type === "duration") assert.ok(Number.isInteger(value));
    if (option.type === "duration") assert.ok(Number(value) >= 0 && Number(value) < 2 ** 31);
    if (option.type === "choice") assert.ok(CHOICES.includes(String(value)));
    return `${option.type}: read`;
  },
};
