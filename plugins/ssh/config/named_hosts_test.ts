import assert from "node:assert/strict";
import { namedHosts } from "./named_hosts.ts";

const cases: readonly [readonly string[], string][] = [
  [["web1"], "web1"],
  [["web1", "db1"], "web1 and db1"],
  [["web1", "db1", "db2"], "web1 and 2 more hosts"],
];

for (const [hosts, text] of cases) {
  Deno.test(`named hosts: ${text}`, () => assert.equal(namedHosts(hosts), text));
}
