import assert from "node:assert/strict";
import { Secret } from "../secret.ts";
import { frozenCopy } from "./frozen_copy.ts";

Deno.test("a frozen copy cannot be changed at any depth, and leaves the original free", () => {
  const original = { a: { b: [{ c: 1 }] } };
  const copy = frozenCopy(original);
  assert.deepEqual(copy, original);
  const [inner] = copy.a.b;
  assert.ok(inner);
  assert.throws(() => inner.c = 2, TypeError);
  assert.throws(() => copy.a.b.push({ c: 3 }), TypeError);
  original.a.b.push({ c: 2 });
  assert.equal(copy.a.b.length, 1);
});

Deno.test("a frozen copy keeps instances of classes as they are", () => {
  using secret = new Secret("planted-value");
  const { signal } = new AbortController();
  const copy = frozenCopy({ secret, signal });
  assert.equal(copy.secret, secret);
  assert.equal(copy.secret.reveal(), "planted-value");
  assert.equal(copy.signal, signal);
  assert.ok(!Object.isFrozen(secret));
});

Deno.test("a method of a frozen copy still finds its object's state", () => {
  const counter = {
    count: 0,
    add() {
      return ++this.count;
    },
  };
  const copy = frozenCopy({ counter });
  assert.equal(copy.counter.add(), 1);
  assert.equal(counter.count, 1);
  assert.equal(frozenCopy(copy).counter.add(), 2);
});

Deno.test("a frozen copy follows data that contains itself", () => {
  interface Node {
    next?: Node;
  }
  const node: Node = {};
  node.next = node;
  const copy = frozenCopy(node);
  assert.equal(copy.next, copy);
  assert.equal(frozenCopy(copy), copy);
});
