import assert from "node:assert/strict";
import { isBastionError } from "../core/errors.ts";
import { azWordsError } from "./az_words_error.ts";

const paths = ["tunnel", "ssh", "list", "login", "account set", "emulator"];
const cases: readonly [string, RegExp | undefined][] = [
  ["az network bastion tunnel --name hub", /There is no command az\..*as in: bastion tunnel/],
  ["network bastion ssh", /There is no command network\..*"network bastion", as in: bastion ssh/],
  ["bastion list", /leave out "bastion", as in: bastion list/],
  ["az login", /leave out "az", as in: bastion login/],
  ["az account set", /as in: bastion account/],
  ["az vm list", /leave out "az"\. See: bastion --help/],
  ["az", /leave out "az"\. See/],
  ["create --name hub", /create stays with the Azure CLI.*Run: az network bastion create/],
  ["az network bastion update", /update stays with the Azure CLI/],
  ["network bastion delete", /delete stays/],
  ["show", /show stays.*bastion list --json/],
  ["wait", /wait stays/],
  ["tunnel create", undefined],
  ["emulator", undefined],
  ["tunnle", undefined],
  ["--json", undefined],
  ["", undefined],
];
for (const [line, expected] of cases) {
  Deno.test(`az's words: "${line}"`, () => {
    const error = azWordsError(line.split(" ").filter(Boolean), paths);
    if (expected === undefined) return assert.equal(error, undefined);
    assert.ok(isBastionError(error, "usage"));
    assert.match(`${error.message} ${error.hint}`, expected);
  });
}

Deno.test("a command of a plugin goes before az's", () => {
  assert.equal(azWordsError(["create"], ["create"]), undefined);
});
