import assert from "node:assert/strict";
import fc from "fast-check";
import { runKql } from "./kql.ts";
import { KqlError } from "./kql_tokens.ts";

const resources = [
  { name: "a", type: "x/vm", size: 2, properties: { state: "On", list: [{ id: 1 }, { id: 2 }] } },
  { name: "b", type: "x/vm", size: 10, properties: { state: "Off", list: [] } },
  { name: "C", type: "x/host", size: 1, properties: {} },
];
const more = [{ name: "d", type: "y/vm", size: 3, properties: {} }];
const run = (query: string) => runKql(query, { resources, more });
const names = (query: string) => run(query).map((row) => row["name"]);

const cases: readonly (readonly [string, readonly unknown[]])[] = [
  ["resources", ["a", "b", "C"]],
  ["Resources | where type =~ 'X/VM'", ["a", "b"]],
  ["resources | where type == 'X/VM'", []],
  ["resources | where type in~ ('X/HOST', \"x/vm\") and size > 1", ["a", "b"]],
  ["resources | where type in ('X/VM')", []],
  ["resources | where type !in~ ('x/vm') or name == 'a'", ["a", "C"]],
  ["resources | where not(name =~ 'c') | order by name", ["b", "a"]],
  ["resources | sort by size asc | take 2", ["C", "a"]],
  ["resources | where properties.state =~ 'on'", ["a"]],
  ["resources | where properties['state'] != 'On'", ["b", "C"]],
  ["resources | where isnotempty(properties.state)", ["a", "b"]],
  ["resources | where name contains 'C' // the last\n", ["C"]],
  ["resources | where (tolower(name) == 'c')", ["C"]],
  ["resources | where size >= 10 | union more", ["b", "d"]],
  ["resources | take 1 | union (more | where size == 3)", ["a", "d"]],
  ["resources | where name == 'constructor'", []],
];

for (const [query, expected] of cases) {
  Deno.test(`Kusto: ${query.trim()}`, () => assert.deepEqual(names(query), expected));
}

Deno.test("Kusto: columns are named as Resource Graph names them", () => {
  assert.deepEqual(
    run("resources | take 1 | project name, properties.state, Size = size, properties.list[1].id"),
    [{ name: "a", properties_state: "On", Size: 2, properties_list_1_id: 2 }],
  );
  assert.deepEqual(run("resources | where name =~ 'c' | project properties.state"), [
    { properties_state: null },
  ]);
});

Deno.test("Kusto: mv-expand makes a row of each item", () => {
  assert.deepEqual(
    run("resources | take 1 | mv-expand one = properties.list | project name, id = one.id"),
    [{ name: "a", id: 1 }, { name: "a", id: 2 }],
  );
});

for (
  const query of [
    "",
    "elsewhere",
    "resources | summarize count()",
    "resources | where",
    "resources | where name ==",
    "resources | where name == 'a",
    "resources | where evil(name)",
    "resources | where constructor('x')",
    "resources | where name startswith_cs 'a'",
    "resources | take all",
    "resources | project 1",
    "resources where name == 'a'",
    "resources | where (name == 'a'",
    "constructor | take 1",
  ]
) {
  Deno.test(`no query that is understood: ${query}`, () => {
    assert.throws(() => run(query), KqlError);
  });
}

Deno.test("Kusto: whatever is asked, it is an answer or a KqlError", () => {
  const word = fc.constantFrom(
    ...["resources", "|", "where", "name", "==", "'a'", "(", ")", "project", ",", ".", "in~"],
    ...[
      "=",
      "union",
      "mv-expand",
      "order",
      "by",
      "take",
      "1",
      "[",
      "]",
      "tolower",
      "\\",
      "__proto__",
    ],
  );
  fc.assert(fc.property(fc.array(word, { maxLength: 20 }), (words) => {
    try {
      run(words.join(" "));
    } catch (error) {
      assert.ok(error instanceof KqlError, String(error));
    }
  }));
});
