import assert from "node:assert/strict";
import { tableLines } from "./table.ts";

const HEADINGS = ["VM", "IP", "REACHED BY"];

Deno.test("tableLines: columns below their headings, no spaces at the end", () => {
  assert.deepEqual(
    tableLines(HEADINGS, [["app/web1", "10.1.0.4", "net/hub"], ["a", "", ""]]),
    [
      "VM        IP        REACHED BY",
      "app/web1  10.1.0.4  net/hub",
      "a",
    ],
  );
});

Deno.test("tableLines: the last column goes on below, by words, in the terminal's width", () => {
  const why = "nothing: none stands in its VNet app-vnet-of-a-long-name";
  assert.deepEqual(tableLines(HEADINGS, [["web1", "10.1.0.4", why]], 40), [
    "VM    IP        REACHED BY",
    "web1  10.1.0.4  nothing: none stands in",
    "                its VNet",
    "                app-vnet-of-a-long-name",
  ]);
  // Too narrow for that: nothing is cut.
  assert.equal(tableLines(HEADINGS, [["web1", "10.1.0.4", why]], 30)[1], `web1  10.1.0.4  ${why}`);
});

Deno.test("tableLines: characters that are two columns wide", () => {
  assert.deepEqual(tableLines(["A", "B"], [["日本", "x"], ["abc", "y"]]), [
    "A     B",
    "日本  x",
    "abc   y",
  ]);
});
