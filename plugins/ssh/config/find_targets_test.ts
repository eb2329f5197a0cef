import assert from "node:assert/strict";
import type { CommandContext, Invocation, TargetRequest } from "../../../core/mod.ts";
import { findTargets } from "./find_targets.ts";

function vm(group: string, name: string, subscription = "s"): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/${name}`;
}

const MACHINES = [
  vm("app", "virtualMachines/web1"),
  vm("app", "virtualMachines/db"),
  vm("shop", "virtualMachines/DB"),
  vm("shop", "virtualMachines/DB", "other"),
  vm("app", "virtualMachineScaleSets/pool/virtualMachines/3"),
  vm("app", "virtualMachines/lonely"),
];

function find(words: readonly string[], options: Invocation["options"] = {}) {
  const said: string[] = [];
  const ctx = {
    platform: { env: () => undefined },
    signal: new AbortController().signal,
    out: { notice: (text: string) => said.push(text) },
    error: (code: string, params: Record<string, string> = {}) =>
      Object.assign(new Error(params["problem"] ?? code), { code }),
    describeError: (error: Error) => ({ message: error.message }),
    inventory: () =>
      Promise.resolve({
        subscriptions: () => Promise.resolve([{ id: "s" }, { id: "other" }]),
        virtualMachines: () =>
          Promise.resolve(MACHINES.map((id) => ({ id, name: id.split("/").at(-1) ?? "" }))),
      }),
    resolve: ({ word, resourceId }: TargetRequest) => {
      if (resourceId?.endsWith("lonely")) return Promise.reject(new Error("no host reaches it"));
      const ip = word === "10.0.0.4" ? word : undefined;
      const meant = resourceId ?? MACHINES.find((id) => id.endsWith(`/${word}`)) ??
        MACHINES[0] ?? "";
      return Promise.resolve({
        label: meant,
        resourceId: ip === undefined ? meant : `/subscriptions/s/bh-hostConnect/${ip}`,
        ...(ip === undefined ? {} : { hostname: ip }),
        port: 22,
        bastionHost: {},
        notes: [],
      });
    },
  } as unknown as CommandContext;
  const [word, ...args] = words;
  const invocation: Invocation = {
    options,
    args,
    rest: [],
    ...(word === undefined ? {} : { target: { word } }),
  };
  const all = options["all"] === true;
  return findTargets(invocation, all, ctx).then((found) => ({
    hosts: found.map(({ hosts }) => hosts),
    said,
  }));
}

Deno.test("findTargets: each VM by its name where that is its own, and by its group's", async () => {
  const { hosts, said } = await find([], { all: true });
  assert.deepEqual(hosts, [
    ["web1.bastion", "web1.app.bastion"],
    ["db.app.bastion"],
    ["db.shop.bastion"],
    ["pool_2f3.bastion", "pool_2f3.app.bastion"],
  ]);
  assert.deepEqual(said.length, 2);
  assert.match(said.join("\n"), /lonely is left out: no host reaches it/);
  assert.match(said.join("\n"), /another VM has its name/);
});

Deno.test("findTargets: those that were named, by the user's own word as well", async () => {
  assert.deepEqual((await find(["web1", "10.0.0.4"])).hosts, [
    ["web1.bastion", "web1.app.bastion"],
    ["10.0.0.4.bastion"],
  ]);
  assert.deepEqual((await find(["my-alias"])).hosts, [
    ["web1.bastion", "my-alias.bastion", "web1.app.bastion"],
  ]);
  assert.deepEqual((await find([])).hosts, []);
  await assert.rejects(find(["web1"], { all: true }), /VMs are named, and --all is given/);
});
