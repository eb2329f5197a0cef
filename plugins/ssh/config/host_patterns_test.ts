import assert from "node:assert/strict";
import { wildcardPatterns } from "./host_patterns.ts";

/** OpenSSH's words of a line, and its rule for patterns (ssh_config(5), PATTERNS). */
function applies(host: string): boolean {
  const words = wildcardPatterns.match(/'[^']*'|"[^"]*"|[^ ]+/g) ?? [];
  let found = false;
  for (const word of words.map((one) => one.replace(/^(['"])([^]*)\1$/, "$2"))) {
    const negated = word.startsWith("!");
    const glob = negated ? word.slice(1) : word;
    const rule = glob.split("").map((c) =>
      c === "*" ? "[^]*" : c === "?" ? "[^]" : c.replace(/[^\w]/, "\\$&")
    ).join("");
    if (!new RegExp(`^${rule}$`).test(host)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

Deno.test("wildcardPatterns: every name of ours, and none that bastion ssh makes up", () => {
  for (const host of ["web1.bastion", "my__vm.a_2eb.bastion", "10.1.0.4.bastion", "x.id.bastion"]) {
    assert.ok(applies(host), host);
  }
  for (const host of ["web1.12345678.id.bastion", "db.by.web1.12345678.id.bastion", "web1"]) {
    assert.ok(!applies(host), host);
  }
});

Deno.test("wildcardPatterns: no character that a shell minds", () => {
  for (let code = 0x20; code < 0x7f; code++) {
    const character = String.fromCharCode(code);
    assert.equal(
      applies(`a${character}b.bastion`),
      /[\w.*?-]/.test(character),
      JSON.stringify(character),
    );
  }
  for (
    const host of [
      "$(touch x).bastion",
      "`id`.bastion",
      "-oX.bastion",
      "a;b.bastion",
      'a"b.bastion',
    ]
  ) {
    assert.ok(!applies(host), host);
  }
});
