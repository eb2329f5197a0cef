import assert from "node:assert/strict";
import {
  byWord,
  HUB,
  PROD,
  request,
  resolving,
  withoutTarget,
} from "../../tests/helpers/resolving.ts";
import type { ResolvedWord, WordResolver } from "./resolve_doors.ts";
import type { TargetAlias } from "./target_alias.ts";

Deno.test("resolveTarget: an alias, and what it brings along", async () => {
  const web: TargetAlias = {
    "target": "app/web1",
    "bastion": "net/hub",
    "subscription": "prod",
    "resource-port": 2222,
    "user": "ann",
  };
  const { resolve } = resolving({ aliases: { web, plain: "bob@10.1.0.4", web1: "web1" } });
  const target = await resolve({ word: "web", defaultPort: 22 });
  assert.equal(target.label, "app/web1:2222");
  assert.equal(target.user, "ann");
  assert.equal(target.bastionHost, HUB);
  assert.deepEqual(target.notes, [
    "web is an alias of app/web1.",
    "app/web1 is the VM app/web1.",
  ]);
  assert.equal((await resolve({ word: "web", port: 80 })).port, 80, "the user's word counts");
  const elsewhere = await resolve({
    word: "web",
    bastionHost: "hub",
    resourceGroup: "net",
    subscription: "prod",
  });
  assert.equal(elsewhere.bastionHost, HUB);
  const plain = await resolve({ word: "plain", port: 22 });
  assert.deepEqual([plain.hostname, plain.user], ["10.1.0.4", "bob"]);
  // An alias is never looked for among the aliases again: none can lead in a circle.
  assert.equal((await resolve({ word: "web1", port: 22 })).label, "app/web1:22");
});

Deno.test("resolveTarget: the first plugin that answers wins", async () => {
  const asked: string[] = [];
  const resolver = (name: string, answer: ResolvedWord | undefined): WordResolver => ({
    plugin: "cmdb",
    name,
    resolve(word) {
      asked.push(`${name} ${word}`);
      return Promise.resolve(answer);
    },
  });
  const resolvers = [
    resolver("none", undefined),
    resolver("tags", { word: "app/web1", bastionHost: "net/hub", subscription: PROD, port: 8080 }),
    resolver("late", { ipAddress: "10.9.9.9" }),
  ];
  const target = await resolving({ resolvers }).resolve({ word: "role=web", defaultPort: 22 });
  assert.equal(target.label, "app/web1:8080");
  assert.deepEqual(asked, ["none role=web", "tags role=web"]);
  assert.equal(target.notes[0], "role=web is app/web1, by tags of the plugin cmdb.");
  // Ids and addresses are nobody's to interpret.
  await resolving({ resolvers }).resolve({ ...request });
  await resolving({ resolvers }).resolve({
    ...withoutTarget,
    word: "10.1.0.4",
    subscription: "prod",
  });
  assert.equal(asked.length, 2);
});

Deno.test("resolveTarget: a plugin that fails, or answers with nonsense, is named", async () => {
  const answers: [answer: () => unknown, problem: RegExp][] = [
    [() => {
      throw new Error("no such tag");
    }, /no such tag/],
    [() => 7, /its answer is no object/],
    [() => ({}), /names no target/],
    [() => ({ resourceId: "web1" }), /is not a resource id/],
    [() => ({ ipAddress: "::1" }), /is not an IPv4 address/],
    [() => ({ word: 7 }), /word is no text/],
    [() => ({ word: "web1", port: 70_000 }), /port is none/],
  ];
  for (const [answer, message] of answers) {
    const resolver: WordResolver = {
      plugin: "cmdb",
      name: "tags",
      resolve: () => Promise.resolve().then(() => answer() as ResolvedWord),
    };
    await assert.rejects(resolving({ resolvers: [resolver] }).resolve(byWord("web1")), {
      code: "plugin-failed",
      message,
    });
  }
});
