import assert from "node:assert/strict";
import type { SettingSource } from "../core/config/configuration.ts";
import { settleRivals } from "./settle_rivals.ts";

const sources: Readonly<Record<string, SettingSource>> = {
  flag: { kind: "flag", flag: "--x" },
  variable: { kind: "variable", variable: "X" },
  profile: { kind: "profile", profile: "p", line: 1 },
  file: { kind: "file", line: 1 },
};

/** `name:source …`; `WORD` stands for TARGET. */
const cases: readonly [string, string][] = [
  ["target-resource-id:file target-ip-address:flag", "target-ip-address"],
  ["target-resource-id:variable target-ip-address:profile", "target-resource-id"],
  ["target-resource-id:flag target-ip-address:flag", "target-resource-id target-ip-address"],
  ["WORD target-resource-id:variable", ""],
  ["WORD target-resource-id:flag", "target-resource-id"],
  ["bastion:flag name:file resource-group:file", "bastion"],
  ["bastion:file name:flag resource-group:file", "name resource-group"],
  ["bastion:profile name:file", "bastion"],
  ["name:file resource-group:variable port:file", "name resource-group port"],
  ["", ""],
];
for (const [given, left] of cases) {
  Deno.test(`of ${given || "nothing"}, what counts is ${left || "nothing"}`, () => {
    const words = given.split(" ").filter(Boolean);
    const read = new Map(
      words.filter((word) => word !== "WORD").map((word) => {
        const [name = "", kind = ""] = word.split(":");
        return [name, { value: "v", source: sources[kind] ?? assert.fail(kind) }];
      }),
    );
    settleRivals(read, words.includes("WORD"));
    assert.equal([...read.keys()].join(" "), left);
  });
}
