import assert from "node:assert/strict";
import type { Option } from "../core/plugin/plugin.ts";
import { globalOptions } from "./global_options.ts";
import { divideWords, nameCommand, spellOut } from "./words.ts";

Deno.test("what follows the first -- is untouched", () => {
  assert.deepEqual(divideWords(["a", "--", "b", "--", "--c"]), {
    words: ["a"],
    rest: ["b", "--", "--c"],
  });
  assert.deepEqual(divideWords(["a", "--"]), { words: ["a"], rest: [] });
  assert.deepEqual(divideWords(["a"]), { words: ["a"] });
});

const paths = ["tunnel", "emulator", "emulator exec", "config get", "config set"];
const named: readonly [string, string, string][] = [
  ["tunnel --port 1", "tunnel", "--port 1"],
  ["emulator exec --file f", "emulator exec", "--file f"],
  ["emulator --file exec", "emulator", "--file exec"],
  ["emulator --json exec", "emulator exec", "--json"],
  ["--json --ca-file f tunnel x", "tunnel", "--json --ca-file f x"],
  ["--ca-file=f tunnel", "tunnel", "--ca-file=f"],
  // The value of an option is no command.
  ["--ca-file tunnel emulator", "emulator", "--ca-file tunnel"],
  ["-qv tunnel", "tunnel", "-qv"],
  ["--verb tunnel", "tunnel", "--verb"],
  ["config", "config", ""],
  ["config put", "config", "put"],
  ["tunel x", "", "tunel x"],
  ["--port 1 tunnel", "", "--port 1 tunnel"],
  ["", "", ""],
];
for (const [line, path, others] of named) {
  Deno.test(`"${line}" names the command "${path}"`, () => {
    const found = nameCommand(line.split(" ").filter(Boolean), paths, globalOptions);
    assert.deepEqual(found, { path, others: others.split(" ").filter(Boolean) });
  });
}

const options: readonly Option[] = [
  { name: "name", short: "n", type: "string", placeholder: "HOST", summary: "N", az: true },
  { name: "port", type: "integer", placeholder: "PORT", min: 0, max: 9, summary: "P", az: true },
  { name: "resource-port", type: "string", placeholder: "P", summary: "P", az: true },
  { name: "resource-group", type: "string", placeholder: "G", summary: "G", az: true },
  { name: "port-file", type: "path", placeholder: "FILE", summary: "F" },
  { name: "once", type: "boolean", summary: "O" },
  ...globalOptions,
];

const spelt: readonly [readonly string[], readonly string[]][] = [
  [["--name", "hub"], ["--name=hub"]],
  [["--name=hub"], ["--name=hub"]],
  [["--name="], ["--name="]],
  [["--name", ""], ["--name="]],
  [["--na", "hub"], ["--name=hub"]],
  [["--resource-p=1"], ["--resource-port=1"]],
  [["-n", "hub"], ["--name=hub"]],
  [["-nhub"], ["--name=hub"]],
  [["-n=hub"], ["--name=hub"]],
  [["-n="], ["--name="]],
  [["-qv"], ["--quiet", "--verbose"]],
  [["-qnhub"], ["--quiet", "--name=hub"]],
  [["--port", "-1"], ["--port=-1"]],
  [["--port", "-x"], ["--port=-x"]],
  [["--port-file", "-"], ["--port-file=-"]],
  [["--name=--once"], ["--name=--once"]],
  [["--name=a=b"], ["--name=a=b"]],
  [["--name=a\nb"], ["--name=a\nb"]],
  [["--once", "x", "--unknown", "y", "-z"], ["--once", "x", "--unknown", "y", "-z"]],
  [["-qz"], ["--quiet", "-z"]],
  [["-q-"], ["-q-"]],
  [["-q--json"], ["-q--json"]],
  [["-", "-5"], ["-", "-5"]],
  [["--verb", "--deb"], ["--verbose", "--debug"]],
];
for (const [words, expected] of spelt) {
  Deno.test(`${JSON.stringify(words)} is spelt ${expected.join(" ")}`, () => {
    assert.deepEqual(spellOut(words, options), expected);
  });
}

const wrong: readonly [readonly string[], RegExp][] = [
  [["--name"], /--name needs a value/],
  [["-n"], /--name needs a value/],
  [["--name", "--port", "1"], /--name needs a value/],
  [["--name", "--anything"], /--name needs a value/],
  [["--name", "-q"], /--name needs a value/],
  [["--name", "-qv"], /--name needs a value/],
  [["--resource=x"], /--resource may mean --resource-port or --resource-group/],
  [["--once=yes"], /--once takes no value/],
  [["-q=1"], /--quiet takes no value/],
];
for (const [words, problem] of wrong) {
  Deno.test(`${JSON.stringify(words)} is a usage error`, () => {
    assert.throws(() => spellOut(words, options), problem);
  });
}

const secretOption: Option = {
  name: "password",
  short: "p",
  type: "string",
  placeholder: "-",
  summary: "P",
  az: true,
  secret: "Pipe it in.",
};
for (
  const line of ["-p s3cr3t", "-ps3cr3t", "-p=s3cr3t", "--password s3cr3t", "--pass=s3cr3t", "-p"]
) {
  Deno.test(`"${line}" is refused, and the secret is not repeated`, () => {
    assert.throws(() => spellOut(line.split(" "), [secretOption]), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /^--password takes no secret/);
      assert.ok(!JSON.stringify(error).includes("s3cr3t"));
      return true;
    });
  });
}

Deno.test("- stands for stdin, which may bring a secret", () => {
  assert.deepEqual(spellOut(["-p", "-"], [secretOption]), ["--password=-"]);
});
