/** Commands whose last argument is the command line of another program, and options that repeat. */

import assert from "node:assert/strict";
import { isBastionError } from "../core/errors.ts";
import type { Command } from "../core/plugin/plugin.ts";
import { createRegistry } from "../core/plugin/registry.ts";
import { createProgram } from "./program.ts";

const handler = () => Promise.resolve({ run: () => Promise.resolve() });

const remote: Command = {
  path: "remote",
  summary: "Do it there",
  target: { defaultPort: 22, user: true, portShort: "p" },
  args: [{ name: "COMMAND", summary: "What to run", rest: true }],
  rest: { placeholder: "ARGS", summary: "For ssh" },
  ownsStdout: true,
  options: [
    { name: "forward", short: "L", type: "strings", placeholder: "SPEC", env: false, summary: "F" },
    { name: "login", short: "l", type: "string", placeholder: "USER", summary: "User" },
  ],
  examples: [],
  handler,
};
const plain: Command = { path: "plain", summary: "Do it", options: [], examples: [], handler };

const program = createProgram({
  registry: createRegistry([{
    name: "p",
    version: "1.0.0",
    apiVersion: 1,
    commands: [remote, plain],
  }]),
  env: () => undefined,
  cwd: "/home/user",
});

function invocation(...words: string[]) {
  const call = program.parse(["remote", ...words]);
  if (call.kind !== "run") throw new Error(call.kind);
  return call.invocation;
}

Deno.test("words behind the target are untouched, whatever they look like", () => {
  const { options, args, rest, target } = invocation(
    ...["-l", "u", "web1", "-q", "grep", "-q", "--help", "--version", "-L", "a", "--", "-x"],
  );
  assert.deepEqual(args, ["grep", "-q", "--help", "--version", "-L", "a", "--", "-x"]);
  assert.deepEqual(rest, []);
  assert.deepEqual({ ...options }, { login: "u", quiet: true });
  assert.equal(target?.word, "web1");
});

Deno.test("words behind -- are the other program's options where no command has begun", () => {
  const { args, rest } = invocation("web1", "--", "-v", "--", "x");
  assert.deepEqual({ args, rest }, { args: [], rest: ["-v", "--", "x"] });
  const help = program.parse(["remote", "web1", "--help", "grep", "--json"]);
  assert.equal(help.kind, "help");
});

Deno.test("a repeated option is a list, in order; its port has a letter", () => {
  const { options, target } = invocation("-L", "1", "web1", "--forward=2", "-L3", "-p", "2222");
  assert.deepEqual(options["forward"], ["1", "2", "3"]);
  assert.equal(target?.port, 2222);
  assert.equal(invocation("web1").options["forward"], undefined);
});

Deno.test("ownWords: what can be ours ends where the other program's begins", () => {
  const own = (...words: string[]) => program.ownWords(words);
  assert.deepEqual(own("-q", "remote", "-lu", "web1", "-v", "ls", "--json", "--", "x"), [
    "-q",
    "remote",
    "-lu",
    "web1",
    "-v",
  ]);
  assert.deepEqual(own("remote", "web1", "--json", "--", "x"), ["remote", "web1", "--json"]);
  assert.deepEqual(own("plain", "a", "--json"), ["plain", "a", "--json"]);
  // What is wrong with them is said later.
  assert.deepEqual(own("remote", "--login"), ["remote", "--login"]);
});

Deno.test("ownsStdout: by the command's name, whatever else is wrong with the words", () => {
  assert.equal(program.ownsStdout(["-q", "remote", "--bogus"]), true);
  assert.equal(program.ownsStdout(["plain"]), false);
  assert.equal(program.ownsStdout([]), false);
  assert.throws(() => program.parse(["remote", "--bogus"]), isBastionError);
});
