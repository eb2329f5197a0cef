/** `bastion tunnel NAME`: with nothing configured but a credential, VM and bastion host are found. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { WorldInput } from "../../plugins/emulator/world_schema.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { assertEcho } from "../helpers/echo_check.ts";

const HUB = "0e0e0e0e-0000-4000-8000-0000000000a1";
const SPOKE = "0e0e0e0e-0000-4000-8000-0000000000a2";
const ports = { 22: "echo", 7: "echo" };

/** A hub and a spoke, as companies have them: the bastion host serves VMs of another subscription. */
const world: WorldInput = {
  subscriptions: [{ id: HUB, name: "platform" }, { id: SPOKE, name: "shop" }],
  virtualNetworks: [
    {
      name: "hub-vnet",
      resourceGroup: "net",
      subscription: HUB,
      peerings: [{ network: "net/spoke-vnet" }],
    },
    {
      name: "spoke-vnet",
      resourceGroup: "net",
      subscription: SPOKE,
      peerings: [{ network: "net/hub-vnet" }],
    },
    { name: "island-vnet", resourceGroup: "net", subscription: SPOKE },
  ],
  bastionHosts: [{
    name: "hub",
    resourceGroup: "net",
    subscription: HUB,
    enableTunneling: true,
    enableIpConnect: true,
    network: "net/hub-vnet",
  }],
  virtualMachines: [
    machine("web1", "app", "10.1.0.4"),
    machine("db", "app", "10.1.0.5"),
    machine("db", "shop", "10.1.0.6"),
    { ...machine("off", "app", "10.1.0.7"), powerState: "deallocated" },
    { ...machine("lonely", "app", "10.9.0.4"), network: "net/island-vnet" },
  ],
  scaleSets: [{
    name: "pool",
    resourceGroup: "app",
    subscription: SPOKE,
    network: "net/spoke-vnet",
    instances: [{ privateIp: "10.1.1.4", ports }],
  }],
};

function machine(name: string, resourceGroup: string, privateIp: string) {
  const network = "net/spoke-vnet";
  return { name, resourceGroup, subscription: SPOKE, privateIp, ports, network };
}

function withWorld(body: (azure: EmulatedAzure) => Promise<void>): Promise<void> {
  return withAzure({ world }, body);
}

/** As a user without any settings; the emulator's environment would name a subscription. */
const env = { AZURE_SUBSCRIPTION_ID: "" };

/** The ready line, and what was said before it, of a tunnel that carries bytes. */
async function open(azure: EmulatedAzure, ...args: readonly string[]) {
  const process = await azure.start(["tunnel", ...args], { env, debug: false });
  const [line, port] = await process.output("stdout", /^Tunnel is ready.* port (\d+) .*$/m);
  await assertEcho(Number(port));
  return { line, stderr: process.stderr() };
}

async function failure(azure: EmulatedAzure, ...args: readonly string[]) {
  const words = ["tunnel", "--json", "--resource-port", "22", ...args];
  const process = await azure.start(words, { env, debug: false });
  const { code: exit } = await process.exit();
  const said = process.events().find(({ event }) => event === "error");
  const text = (field: string) => String(said?.[field]);
  return { exit, code: text("code"), message: text("message"), hint: text("hint") };
}

Deno.test("tunnel NAME: VM, host and the way between them are found, and said", () =>
  withWorld(async (azure) => {
    const { line, stderr } = await open(azure, "web1", "--resource-port", "22");
    assert.match(line, /→ app\/web1:22 by net\/hub\)/);
    assert.match(stderr, /^web1 is the VM app\/web1 in subscription shop\.$/m);
    assert.match(
      stderr,
      /^The bastion host is net\/hub, in a VNet that is peered with the VM's\.$/m,
    );
    const asked = azure.emulator.stats().armRequests;
    // What was found is kept: the next start asks for the VM's power state alone.
    const again = await open(azure, "WEB1", "--resource-port", "7");
    assert.match(again.line, /→ app\/web1:7 by net\/hub\)/);
    const more = azure.emulator.stats().armRequests - asked;
    assert.ok(more < asked, `${asked} requests before, ${more} now`);
    assert.ok(more <= 2, `${more} requests`);
    await open(azure, "web1", "--resource-port", "7", "--refresh");
    assert.ok(azure.emulator.stats().armRequests - asked - more >= asked, "--refresh asks anew");
  }));

Deno.test("tunnel NAME: what the data plane does not find is forgotten", () =>
  withAzure({ world, faults: [{ at: "token", kind: "status", status: 404 }] }, async (azure) => {
    const words = ["tunnel", "--json", "web1", "--resource-port", "22"];
    const process = await azure.start(words, { env, debug: false });
    const { port } = await process.listening();
    const file = join(azure.stateDirectory, "lookups.json");
    assert.match(await Deno.readTextFile(file), /virtualMachines\/web1"/);
    using _conn = await Deno.connect({ port });
    assert.equal((await process.event("connection-failed"))["code"], "token-not-found");
    assert.doesNotMatch(await Deno.readTextFile(file), /virtualMachines\/web1"/);
  }));

Deno.test("tunnel ALIAS: what the config file says of it", () =>
  withWorld(async (azure) => {
    const config = azure.file("config.yaml");
    await Deno.writeTextFile(
      config,
      "aliases:\n  web:\n    target: app/web1\n    bastion: net/hub\n" +
        "    subscription: platform\n    resource-port: 7\n  vm: 10.1.0.4\n",
    );
    const vm = await open(azure, "vm", "--config", config, "--resource-port", "22");
    assert.match(vm.line, /→ 10\.1\.0\.4:22 by net\/hub\)/);
    assert.match(vm.stderr, /^vm is an alias of 10\.1\.0\.4\.$/m);
    // The alias's subscription is the host's, and the target is looked for there alone.
    const web = await failure(azure, "web", "--config", config);
    assert.deepEqual([web.exit, web.code], [6, "target-not-found"]);
    assert.match(web.hint, /There is app\/web1 in shop: .*leave out --subscription/);
  }));

Deno.test("tunnel TARGET: groups, scale sets' instances, ids and addresses", () =>
  withWorld(async (azure) => {
    const cases: [word: string, target: string][] = [
      ["shop/db", "shop/db:22"],
      ["pool/0", "app/pool/0:22"],
      ["app/pool/0", "app/pool/0:22"],
      ["10.1.0.4", "10.1.0.4:22"],
      [`${azure.vmId.toUpperCase()}/`, "APP/WEB1:22"],
    ];
    await Promise.all(cases.map(async ([word, target]) => {
      const { line } = await open(azure, word, "--resource-port", "22");
      assert.ok(line.includes(`→ ${target} by net/hub)`), line);
    }));
  }));

Deno.test("tunnel TARGET: the host by one word, or as az has it", () =>
  withWorld(async (azure) => {
    const hosts = [
      ["--bastion", "hub"],
      ["--bastion", "net/hub", "--subscription", "platform"],
      ["--name", azure.emulator.world.bastionHosts[0]?.id ?? ""],
    ];
    await Promise.all(hosts.map(async (host) => {
      const id = azure.vmId;
      const { line } = await open(azure, id, "--resource-port", "22", ...host);
      assert.ok(line.includes("→ app/web1:22 by net/hub)"), line);
    }));
  }));

Deno.test("tunnel TARGET: what cannot be found is said with what helps", () =>
  withWorld(async (azure) => {
    const cases: [args: string[], exit: number, code: string, message: RegExp, hint: RegExp][] = [
      [["db"], 6, "target-ambiguous", /app\/db in shop, shop\/db in shop/, /GROUP\/NAME/],
      [["wbe1"], 6, "target-not-found", /no VM of that name/, /Did you mean web1\?/],
      [
        ["web1", "--subscription", "platform"],
        ...[
          6,
          "target-not-found",
          /in subscription platform/,
          /There is app\/web1 in shop/,
        ] as const,
      ],
      [["off"], 7, "vm-stopped", /app\/off is not running/, /az vm start/],
      [
        ["lonely"],
        6,
        "host-none-reaches",
        /its VNet island-vnet.*net\/hub is in hub-vnet/,
        /--bastion/,
      ],
      [["10.1.0.99"], 6, "host-not-told", /no VM that this credential sees/, /--bastion/],
      [[azure.vmId.replace("web1", "gone")], 6, "vm-not-found", /no VM app\/gone/, /spelling/],
      [
        ["web1", "--bastion", "hbu/hub", "--subscription", "shop"],
        ...[6, "host-not-found", /hbu\/hub/, /--subscription/] as const,
      ],
      [["::1"], 2, "usage", /IPv6/, /IPv4/],
      [[], 2, "usage", /No target is named/, /--target-resource-id/],
      [["web1", "--target-ip-address", "10.1.0.4"], 2, "usage", /Two targets/, /one of them/],
    ];
    await Promise.all(cases.map(async ([args, exit, code, message, hint]) => {
      const found = await failure(azure, ...args);
      assert.deepEqual([found.exit, found.code], [exit, code], JSON.stringify([args, found]));
      assert.match(found.message, message);
      assert.match(found.hint, hint);
    }));
  }));
