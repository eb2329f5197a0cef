import assert from "node:assert/strict";
import { fakeHost, fakeMachine } from "../../tests/helpers/fake_inventory.ts";
import { byWord, DEV, HUB, PROD, resolving, WEB } from "../../tests/helpers/resolving.ts";
import type { WordResolver } from "./resolve_doors.ts";

Deno.test("resolveTarget: how names are read", async () => {
  const machines = [
    fakeMachine("web1", { subscription: PROD }),
    fakeMachine("web1", { subscription: PROD, resourceGroup: "shop" }),
    fakeMachine("db", { subscription: DEV }),
    fakeMachine("set/3", { subscription: PROD }),
    fakeMachine("set/3", { subscription: PROD, resourceGroup: "shop" }),
    fakeMachine("pool/0", { subscription: PROD }),
    // Its group is called as a scale set is.
    fakeMachine("0", { subscription: PROD, resourceGroup: "pool" }),
  ];
  const cases: [word: string, meant: string][] = [
    ["db", "app/db"],
    ["shop/web1", "shop/web1"],
    ["SHOP/Web1", "shop/web1"],
    ["app/set/3", "app/set/3"],
    ["shop/set/3", "shop/set/3"],
    ["app/pool/0", "app/pool/0"],
    ["pool/0", "pool/0"],
  ];
  for (const [word, meant] of cases) {
    const { label } = await resolving({ machines, hosts: [HUB] }).resolve(byWord(word));
    assert.equal(label, `${meant}:22`, word);
  }
  for (const word of ["web1", "set/3"]) {
    await assert.rejects(resolving({ machines }).resolve(byWord(word)), {
      code: "target-ambiguous",
      message: new RegExp(`app/${word} in prod, shop/${word} in prod`),
    });
  }
});

Deno.test("resolveTarget: of many candidates ten are listed", async () => {
  const machines = Array.from(
    { length: 14 },
    (_, i) => fakeMachine("web1", { subscription: DEV, resourceGroup: `g${i + 10}` }),
  );
  await assert.rejects(resolving({ machines }).resolve(byWord("web1")), {
    code: "target-ambiguous",
    message: /g10\/web1 in dev, .*g19\/web1 in dev and 4 more\.$/,
  });
});

Deno.test("resolveTarget: a name that is not there: who was asked, and what was meant", async () => {
  const resolver: WordResolver = {
    plugin: "cmdb",
    name: "tags",
    resolve: () => Promise.resolve(undefined),
  };
  await assert.rejects(resolving({ resolvers: [resolver] }).resolve(byWord("wbe1")), {
    code: "target-not-found",
    message: "There is no target wbe1: the aliases, tags (plugin cmdb) do not know it, and no VM " +
      "of that name is in any subscription that this credential sees.",
    hint: "Did you mean web1? Run bastion targets to see what there is.",
  });
  await assert.rejects(resolving().resolve(byWord("ap/web1")), {
    hint: /Did you mean app\/web1\?/,
  });
  await assert.rejects(resolving().resolve(byWord("utterly-else")), {
    hint: /^Run bastion targets/,
  });
  // Nothing is connected to that the user did not mean, but he is told.
  await assert.rejects(resolving({ defaultSubscription: DEV }).resolve(byWord("web1")), {
    code: "target-not-found",
    message: /in subscription dev\.$/,
    hint: "There is app/web1 in prod: give --subscription prod.",
  });
  // A shell, into which the hint may be pasted, would run what Azure calls a subscription.
  for (const name of ["$(reboot)", "`reboot`", 'a"; reboot #', "a!b"]) {
    const subscriptions = [{ id: DEV, name: "dev" }, { id: PROD, name }];
    const world = { subscriptions, defaultSubscription: DEV };
    await assert.rejects(resolving(world).resolve(byWord("web1")), {
      code: "target-not-found",
      hint: new RegExp(`: give --subscription ${PROD}\\.$`),
    });
  }
  const spaced = [{ id: DEV, name: "dev" }, { id: PROD, name: "Pay (as) you go" }];
  const world = { subscriptions: spaced, defaultSubscription: DEV };
  await assert.rejects(resolving(world).resolve(byWord("web1")), {
    hint: /: give --subscription "Pay \(as\) you go"\.$/,
  });
  await assert.rejects(resolving().resolve({ ...byWord("web1"), subscription: "dev" }), {
    code: "target-not-found",
    hint: /There is app\/web1 in prod: give its resource id, or leave out --subscription/,
  });
});

Deno.test("resolveTarget: an address without a host: the VM that has it tells its VNet", async () => {
  const { resolve } = resolving();
  const target = await resolve(byWord("10.1.0.4"));
  assert.equal(target.label, "10.1.0.4:22");
  assert.equal(target.hostname, "10.1.0.4");
  assert.match(target.resourceId, /bh-hostConnect\/10\.1\.0\.4$/);
  assert.equal(target.bastionHost, HUB);
  await assert.rejects(resolve(byWord("10.1.0.5")), {
    code: "host-not-told",
    message: /no VM that this credential sees has this address/,
    hint: /--bastion/,
  });
  const twins = [WEB, fakeMachine("web2", { subscription: DEV })];
  await assert.rejects(resolving({ machines: twins }).resolve(byWord("10.1.0.4")), {
    code: "host-not-told",
    message: /several VMs have this address: app\/web1, app\/web2/,
  });
  const off = fakeHost("hub", {
    subscription: PROD,
    network: "/vnets/spoke",
    enableIpConnect: false,
  });
  await assert.rejects(resolving({ hosts: [off] }).resolve(byWord("10.1.0.4")), {
    code: "host-ip-connect-off",
  });
});
