import assert from "node:assert/strict";
import { nearest } from "./nearest.ts";

Deno.test("nearest: best first, in any case, none that would be a guess", () => {
  const cases: [word: string, candidates: string[], found: string[]][] = [
    ["wbe1", ["web1", "web12", "dc23"], ["web1"]],
    ["web11", ["web12", "web1", "dc-1"], ["web1", "web12"]],
    ["WEB-1", ["web-1"], ["web-1"]],
    ["a", ["b", "bb"], ["b"]],
    ["azureclod", ["AzureCloud", "AzureChinaCloud"], ["AzureCloud"]],
    ["", ["web1"], []],
    ["web1", [], []],
    ["web1", ["web2", "web2", "web3", "web4", "web5"], ["web2", "web3", "web4"]],
  ];
  for (const [word, candidates, found] of cases) {
    assert.deepEqual(nearest(word, candidates), found, word);
  }
  assert.deepEqual(nearest("web1", ["web2", "web3"], 1), ["web2"]);
});

Deno.test("nearest: a huge word costs nothing", () => {
  assert.deepEqual(nearest("x".repeat(1_000_000), ["web1"]), []);
});

Deno.test("nearest: letters too many, too few and wrong", () => {
  for (const word of ["webserver", "wbserver", "webserverr", "webserber", "wesberver"]) {
    assert.deepEqual(nearest(word, ["webserver", "database"]), ["webserver"], word);
  }
});
