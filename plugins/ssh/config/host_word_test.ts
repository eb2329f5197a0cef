import assert from "node:assert/strict";
import fc from "fast-check";
import { addressWord, type HostName, hostWord, readHostWord } from "./host_word.ts";

const TABLE: readonly (readonly [HostName, string, string])[] = [
  [{ name: "web1" }, "web1.bastion", "web1"],
  [{ name: "Web1", group: "App" }, "web1.app.bastion", "app/web1"],
  [{ name: "pool/3" }, "pool_2f3.bastion", "pool/3"],
  [{ name: "pool/3", group: "app" }, "pool_2f3.app.bastion", "app/pool/3"],
  [{ name: "my_vm", group: "a.b" }, "my__vm.a_2eb.bastion", "a.b/my_vm"],
  [{ name: "vm(1)" }, "vm_281_29.bastion", "vm(1)"],
  [{ name: "büro" }, "b_c3_bcro.bastion", "büro"],
  [{ name: "$(touch x)" }, "_24_28touch_20x_29.bastion", "$(touch x)"],
  [{ name: "-oX" }, "_2dox.bastion", "-ox"],
];

Deno.test("hostWord: names that host names cannot have are escaped, and read again", () => {
  for (const [name, host, word] of TABLE) {
    assert.equal(hostWord(name), host);
    assert.equal(readHostWord(host), word);
    assert.equal(readHostWord(host.toUpperCase()), word);
  }
  assert.equal(readHostWord(addressWord("10.1.0.4")), "10.1.0.4");
});

Deno.test("readHostWord: what is written otherwise is no name of ours", () => {
  for (
    const host of [
      ...["web1", "web1.example.com", ".bastion", "bastion", "a..bastion", ".a.bastion"],
      ...["a.b.c.bastion", "web1.12345678.id.bastion", "a_.bastion", "a_4.bastion", "a_zz.bastion"],
      // An escaped letter would be a second name of the same VM; half a character is none.
      ...["_61.bastion", "_c3.bastion", "-ox.bastion", "$(touch x).bastion", "a b.bastion"],
    ]
  ) {
    assert.equal(readHostWord(host), undefined, host);
  }
});

Deno.test("hostWord: whatever the name, it comes back, and means nothing to a shell", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 })
    .map((one) => one.toWellFormed().toLowerCase());
  fc.assert(fc.property(text, text, (name, group) => {
    const host = hostWord({ name, group });
    assert.match(host, /^[a-z0-9_][a-z0-9_-]*\.[a-z0-9_][a-z0-9_-]*\.bastion$/);
    assert.equal(readHostWord(host), `${group}/${name}`);
    assert.equal(readHostWord(hostWord({ name })), name);
  }));
});
