import assert from "node:assert/strict";
import type { OptionValues, TargetUse } from "../plugin/plugin.ts";
import { type NamedTarget, readTargetRequest, targetOptions } from "./target_options.ts";

const VM = "/subscriptions/s/resourceGroups/app/providers/Microsoft.Compute/virtualMachines/web1";
const HOST = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/bastionHosts/hub";
const PORT = { "resource-port": 22 };
const C = { "name": "hub", "resource-group": "net" };
const SSH: TargetUse = { defaultPort: 22, user: true };

Deno.test("targetOptions: az's names are az's, ours are ours, and no port is a default", () => {
  const options = targetOptions(SSH);
  const ours = (use: TargetUse) =>
    targetOptions(use).filter(({ az }) => !az).map(({ name }) => name);
  assert.deepEqual(ours(SSH), ["bastion", "no-check"]);
  assert.deepEqual(ours({ optional: true }), ["bastion"]);
  assert.deepEqual(
    options.filter(({ az }) => az).map(({ name }) => name),
    [
      ...["name", "resource-group", "subscription"],
      ...["target-resource-id", "target-ip-address", "resource-port"],
    ],
  );
  assert.deepEqual(options.flatMap(({ short }) => short ?? []), ["n", "g"]);
  assert.ok(options.every((option) => !("default" in option) && !option.required));
  const portSummary = (use: TargetUse) =>
    targetOptions(use).find(({ name }) => name === "resource-port")?.summary ?? "";
  assert.match(portSummary(SSH), /22 where it is left out/);
  assert.doesNotMatch(portSummary({}), /left out/);
});

Deno.test("readTargetRequest: what was named", () => {
  const cases: [use: TargetUse, options: OptionValues, args: string[], NamedTarget][] = [
    [{}, { ...PORT, "no-check": true }, ["web1"], {
      request: { word: "web1", port: 22, check: false },
    }],
    [{}, PORT, ["web1"], { request: { word: "web1", port: 22 } }],
    [{}, { ...PORT, ...C, "target-resource-id": VM }, [], {
      request: { resourceId: VM, port: 22, bastionHost: "hub", resourceGroup: "net" },
    }],
    [{}, { ...PORT, "name": HOST, "target-ip-address": "10.1.0.4", "subscription": "s" }, [], {
      request: { ipAddress: "10.1.0.4", port: 22, bastionHost: HOST, subscription: "s" },
    }],
    // az's scripts give the group as well.
    [{}, { ...PORT, "name": HOST, "resource-group": "net" }, ["web1"], {
      request: { word: "web1", port: 22, bastionHost: HOST },
    }],
    [{}, { ...PORT, bastion: "net/hub" }, ["app/web1"], {
      request: { word: "app/web1", port: 22, bastionHost: "net/hub" },
    }],
    [SSH, {}, ["ann@web1"], { user: "ann", request: { word: "web1", defaultPort: 22 } }],
    [SSH, { "resource-port": 2222 }, [VM], {
      request: { word: VM, port: 2222, defaultPort: 22 },
    }],
    // An alias may know the port, and whoever resolves it may ask for the target.
    [{}, {}, ["web1"], { request: { word: "web1" } }],
    [{}, PORT, [], { request: { port: 22 } }],
    [SSH, {}, [], { request: { defaultPort: 22 } }],
    [{ optional: true }, PORT, [], {}],
    [{ ...SSH, optional: true }, C, [], {
      request: { bastionHost: "hub", resourceGroup: "net", defaultPort: 22 },
    }],
    [{ ...SSH, optional: true }, { subscription: "s" }, [], {
      request: { subscription: "s", defaultPort: 22 },
    }],
    [{ optional: true }, PORT, ["web1"], { request: { word: "web1", port: 22 } }],
  ];
  for (const [use, options, args, expected] of cases) {
    assert.deepEqual(readTargetRequest(use, options, args), expected, JSON.stringify(options));
  }
});

Deno.test("readTargetRequest: what contradicts itself, or cannot be meant", () => {
  const cases: [use: TargetUse, options: OptionValues, args: string[], RegExp, hint?: RegExp][] = [
    [
      {},
      { ...PORT, "target-resource-id": VM },
      ["web1"],
      /named, by TARGET and by --target-resource-id\./,
    ],
    [
      {},
      { ...PORT, "target-ip-address": "10.1.0.4" },
      ["web1"],
      /TARGET and by --target-ip-address/,
    ],
    [
      {},
      { ...PORT, "target-ip-address": "10.1.0.4", "target-resource-id": VM },
      [],
      /by --target-resource-id and by --target-ip-address/,
    ],
    [{}, { ...PORT, ...C, bastion: "hub" }, ["web1"], /twice, by --bastion and by --name/],
    [
      {},
      { ...PORT, "bastion": "hub", "resource-group": "net" },
      ["web1"],
      /by --bastion and by --resource-group/,
    ],
    [{}, { ...PORT, name: "hub" }, ["web1"], /group is not named/, /--bastion hub/],
    [{}, { ...PORT, name: "net/hub" }, ["web1"], /cannot be/, /--bastion net\/hub/],
    [
      {},
      { ...PORT, "resource-group": "app" },
      ["web1"],
      /--name does not say which/,
      /GROUP\/NAME/,
    ],
    [{}, {}, [VM], /No port on \/subscriptions.* is named/, /--resource-port/],
    [{}, {}, ["10.1.0.4"], /No port on 10\.1\.0\.4 is named/],
    [{}, { "target-ip-address": "10.1.0.4" }, [], /No port on 10\.1\.0\.4 is named/],
    [{}, C, [], /Neither a target nor a port/, /TARGET.*--target-resource-id.*--resource-port/],
    [{}, PORT, ["ann@web1"], /names a user, which this command has no use for/],
    [SSH, {}, ["@web1"], /names no user/],
    [SSH, {}, ["ann@"], /TARGET is empty/],
    [SSH, {}, [""], /TARGET is empty/],
    [SSH, {}, ["::1"], /IPv6/],
  ];
  for (const [use, options, args, message, hint = /./] of cases) {
    assert.throws(
      () => readTargetRequest(use, options, args),
      { code: "usage", message, hint },
      JSON.stringify([options, args]),
    );
  }
});
