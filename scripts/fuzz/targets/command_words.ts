import assert from "node:assert/strict";
import { globalOptions } from "../../../cli/global_options.ts";
import { divideWords, nameCommand, spellOut } from "../../../cli/words.ts";
import type { Option } from "../../../core/plugin/plugin.ts";
import { declaredCode, type FuzzTarget } from "../target.ts";

const text = (name: string, more: Partial<Option> = {}): Option => ({
  name,
  type: "string",
  placeholder: "X",
  summary: "a text",
  ...more,
} as Option);

const options: readonly Option[] = [
  ...globalOptions,
  text("name", { short: "n", az: true }),
  text("resource-group", { short: "g", az: true }),
  text("target-resource-id", { az: true }),
  text("target-ip-address", { az: true }),
  text("port-file"),
  { name: "once", type: "boolean", summary: "a switch" },
];
const paths = ["tunnel", "emulator", "emulator exec", "help"];

/** Words, one a line. */
export const commandWordsTarget: FuzzTarget = {
  name: "command-words",
  maxLength: 512,
  tokens: [
    "--",
    "-",
    "=",
    "\n",
    "-n",
    "-qv",
    "--name",
    "--target-",
    "--target-ip-addres",
    "--once",
    "tunnel",
    "emulator",
    "exec",
    "-1",
  ],
  seeds: [
    "tunnel\n--name\nhub\n-g\nnet\n--target-ip-addres\n10.0.0.1",
    "-q\nemulator\nexec\n--\nssh\n-v",
    "tunnel\n-nhub\n-g=net\n--once",
    "--target\nx",
    "-qvx\n-",
    "--once=1",
    "tunnel\n--name\n--once",
  ],
  run(input) {
    const argv = new TextDecoder().decode(input).split("\n");
    const { words, rest } = divideWords(argv);
    assert.deepEqual(rest === undefined ? words : [...words, "--", ...rest], argv);
    const { path, others } = nameCommand(words, paths, globalOptions);
    // A word may hold blanks, as "emulator exec" in quotes.
    const single = (list: readonly string[]) => list.join(" ").split(" ").sort().join(" ").trim();
    assert.equal(single([path, ...others]), single(words), "no word is lost, none twice");
    let spelt: string[];
    try {
      spelt = spellOut(others, options);
    } catch (error) {
      return `${declaredCode(error, "usage")}: ${String(error).replace(/--\S*/g, "")}`.slice(0, 60);
    }
    assert.deepEqual(spellOut(spelt, options), spelt, "what is spelt out stays as it is");
    assert.ok(!spelt.includes("--"), "the first -- was taken out before");
    return `${path || "no command"}, ${
      spelt.some((word) => word.startsWith("--")) ? "options" : "none"
    }`;
  },
};
