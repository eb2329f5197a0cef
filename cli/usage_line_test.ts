import assert from "node:assert/strict";
import type { Command, Option } from "../core/plugin/plugin.ts";
import { usageLine } from "./usage_line.ts";

const port: Option = { name: "port", type: "string", placeholder: "PORT", summary: "Where" };
const all: Option = { name: "all", type: "boolean", summary: "Everything" };

const cases: Record<string, readonly [Pick<Command, "options" | "args" | "rest">, string]> = {
  "the options of every command": [{ options: [] }, "bastion x [OPTIONS]"],
  "options before the words that are a remote command": [
    {
      options: [port],
      args: [{ name: "TARGET", summary: "" }, { name: "COMMAND", summary: "", rest: true }],
      rest: { placeholder: "SSH_ARGS", summary: "" },
    },
    "bastion x [OPTIONS] [TARGET] [COMMAND …] [-- SSH_ARGS]",
  ],
  "as many words as there are": [
    { options: [], args: [{ name: "MORE", summary: "", many: true }] },
    "bastion x [OPTIONS] [MORE …]",
  ],
  "what is required": [
    {
      options: [{ ...port, required: true }, { ...all, required: true }],
      args: [{ name: "name", summary: "", required: true }],
    },
    "bastion x --port PORT --all [OPTIONS] NAME",
  ],
};

for (const [name, [command, expected]] of Object.entries(cases)) {
  Deno.test(`usage line: ${name}`, () => {
    const line = usageLine({
      path: "x",
      summary: "",
      examples: [],
      handler: () => Promise.reject(new Error("never called")),
      ...command,
    });
    assert.equal(line, expected);
  });
}
