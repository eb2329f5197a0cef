import assert from "node:assert/strict";
import { fakeMachine } from "../../tests/helpers/fake_inventory.ts";
import {
  byWord,
  DEV,
  hostId,
  HUB,
  PROD,
  request,
  resolving,
  SUBSCRIPTIONS,
  WEB,
  withoutTarget,
  type World,
} from "../../tests/helpers/resolving.ts";
import { bastionError } from "../errors.ts";
import { noPrompt } from "../no_prompt.ts";
import type { Choice, Prompt, Question } from "../prompt.ts";
import type { TargetRequest } from "./target.ts";

Deno.test("resolveTarget: by resource id", async () => {
  const { resolve, asked, http } = resolving();
  const target = await resolve(request);
  assert.equal(target.label, "app/web1:22");
  assert.equal(target.resourceId, WEB.id);
  assert.equal(target.port, 22);
  assert.ok(!("hostname" in target));
  assert.equal(target.bastionHost.endpoint, "hub.example");
  assert.deepEqual(target.notes, [], "nothing was chosen for the user");
  assert.deepEqual(asked.toSorted(), ["host prod net/hub", "machine web1"]);
  // The way is opened ahead of the first session; no token is in it.
  assert.deepEqual(http.requests, [{
    method: "HEAD",
    url: "https://hub.example/",
    timeout: 15_000,
  }]);
});

Deno.test("resolveTarget: a scale set's instance, in any case, with a slash at its end", async () => {
  const instance = fakeMachine("set/3", { subscription: PROD });
  const { resolve } = resolving({ machines: [instance] });
  const { label, resourceId } = await resolve({ ...request, resourceId: `${instance.id}/` });
  assert.deepEqual([label, resourceId], ["app/set/3:22", instance.id]);
  const shouted = await resolve({ ...request, resourceId: instance.id.toUpperCase() });
  assert.equal(shouted.resourceId, instance.id.toUpperCase());
});

Deno.test("resolveTarget: what is no VM is not read, and needs a named host", async () => {
  const id =
    `/subscriptions/${PROD}/resourceGroups/app/providers/Microsoft.ContainerService/managedClusters/aks`;
  const { resolve, asked } = resolving();
  const target = await resolve({ ...request, resourceId: id, port: 443 });
  assert.deepEqual([target.label, target.resourceId], ["app/aks:443", id]);
  assert.deepEqual(asked, ["host prod net/hub"]);
  await assert.rejects(resolve({ resourceId: id, port: 443 }), { code: "host-not-told" });
});

Deno.test("resolveTarget: by IP address, with the synthetic id", async () => {
  const { resolve, asked } = resolving();
  const target = await resolve({ ...withoutTarget, ipAddress: "10.1.0.4", subscription: DEV });
  assert.equal(target.label, "10.1.0.4:22");
  assert.equal(target.hostname, "10.1.0.4");
  assert.equal(
    target.resourceId,
    `/subscriptions/${DEV}/resourceGroups/net/providers/Microsoft.Network/bh-hostConnect/10.1.0.4`,
  );
  assert.deepEqual(asked, ["host dev net/hub"], "no VM is looked for");
});

Deno.test("resolveTarget: which subscription the host is looked for in", async () => {
  const cases: [change: Partial<TargetRequest>, world: World, found: string][] = [
    [{}, {}, "prod"],
    [{}, { variables: { AZURE_SUBSCRIPTION_ID: "" } }, "prod"],
    [{}, { variables: { AZURE_SUBSCRIPTION_ID: DEV } }, "dev"],
    [{}, { defaultSubscription: DEV }, "dev"],
    [{}, { variables: { AZURE_SUBSCRIPTION_ID: PROD }, defaultSubscription: DEV }, "prod"],
    [{ subscription: "dev" }, { variables: { AZURE_SUBSCRIPTION_ID: PROD } }, "dev"],
    [{ subscription: PROD }, { variables: { AZURE_SUBSCRIPTION_ID: DEV } }, "prod"],
    [{ subscription: PROD.toUpperCase() }, {}, "prod"],
    [{ bastionHost: "net/hub", subscription: "DEV" }, {}, "dev"],
  ];
  for (const [change, world, found] of cases) {
    const { resolve, asked } = resolving(world);
    const { resourceGroup: _, ...bare } = request;
    await resolve({ ...("bastionHost" in change ? bare : request), ...change });
    assert.ok(asked.includes(`host ${found} net/hub`), `${asked}`);
  }
  const unclear = resolving().resolve({ ...withoutTarget, ipAddress: "10.1.0.4" });
  await assert.rejects(unclear, { code: "subscription-missing" });
  const unknown = resolving().resolve({ ...request, subscription: "nope" });
  await assert.rejects(unknown, { code: "subscription-not-found" });
});

Deno.test("resolveTarget: by a name, with nothing else said", async () => {
  const { resolve, asked } = resolving();
  const target = await resolve(byWord("WEB1"));
  assert.equal(target.label, "app/web1:22");
  assert.equal(target.bastionHost, HUB);
  assert.deepEqual(target.notes, [
    "WEB1 is the VM app/web1 in subscription prod.",
    "The bastion host is net/hub, in the VM's VNet.",
  ]);
  assert.deepEqual(
    asked.toSorted(),
    ["hosts dev,prod", "machine web1", "machines dev,prod", "subscriptions"],
  );
});

Deno.test("resolveTarget: what cannot be meant is a usage error, before anything is asked", async () => {
  const cases: [request: TargetRequest, message: RegExp][] = [
    [withoutTarget, /No target is named/],
    [{ ...request, ipAddress: "10.1.0.4" }, /Two targets are named/],
    [{ ...request, word: "web1" }, /Two targets are named/],
    ...["10.1.0", "10.1.0.256", "010.1.0.4", "10.1.0.4 ", "::1", "web1", ""].map(
      (ipAddress): [TargetRequest, RegExp] => [
        { ...withoutTarget, ipAddress },
        /is not an IPv4 address/,
      ],
    ),
    [{ ...request, resourceId: "web1" }, /"web1" is not a resource id/],
    [{ ...request, resourceId: "" }, /"" is not a resource id/],
    [{ ...request, resourceId: hostId(PROD) }, /resource id is a bastion host's/],
    [{ ...request, bastionHost: WEB.id }, /is not a bastion host's resource id/],
    [{ ...request, bastionHost: "/hub" }, /is not a bastion host's resource id/],
    [{ ...request, bastionHost: "net/hub" }, /group is named twice/],
    [{ resourceId: WEB.id, port: 22, resourceGroup: "net" }, /but no bastion host/],
    [{ resourceId: WEB.id }, /No port is named/],
    [{ word: "web1" }, /No port on web1 is named/],
    ...["", "a?b", "..", ".", "a b", "-a", "x".repeat(91)].flatMap(
      (name): [TargetRequest, RegExp][] => [
        [{ ...request, bastionHost: name }, /cannot be an Azure name/],
        [{ ...request, resourceGroup: name }, /cannot be an Azure name/],
        [{ resourceId: WEB.id, port: 22, bastionHost: `${name}/hub` }, /cannot be an|is not a b/],
      ],
    ),
  ];
  for (const [given, message] of cases) {
    const { resolve, asked, http } = resolving();
    await assert.rejects(resolve(given), { code: "usage", message }, JSON.stringify(given));
    assert.deepEqual([asked.length, http.requests.length], [0, 0]);
  }
});

Deno.test("resolveTarget: host, VM and data plane are checked, unless told otherwise", async () => {
  const basic = { ...HUB, sku: "Basic" };
  const failure = bastionError("connect-refused", { host: "hub.example", via: "" });
  const dead = () => {
    throw failure;
  };
  const stopped = fakeMachine("web1", { subscription: PROD, power: "deallocated" });
  await assert.rejects(resolving({ hosts: [basic] }).resolve(request), { code: "host-sku" });
  await assert.rejects(resolving({ dataPlane: dead }).resolve(request), failure);
  await assert.rejects(resolving({ machines: [stopped] }).resolve(request), { code: "vm-stopped" });
  await assert.rejects(resolving({ machines: [] }).resolve(request), { code: "vm-not-found" });
  await assert.rejects(
    resolving().resolve({ ...withoutTarget, ipAddress: "10.1.0.4", port: 80, subscription: DEV }),
    { code: "host-ip-connect-port" },
  );
  const unchecked = resolving({ hosts: [basic], machines: [stopped], dataPlane: dead });
  const { bastionHost } = await unchecked.resolve({ ...request, check: false });
  assert.equal(bastionHost.sku, "Basic");
  assert.equal(unchecked.http.requests.length, 0);
  assert.deepEqual(unchecked.asked, ["host prod net/hub"]);
});

Deno.test("resolveTarget: of two failures the host's is told, whichever comes first", async () => {
  const hosts = [{ ...HUB, sku: "Basic" }];
  await assert.rejects(resolving({ hosts, machines: [] }).resolve(request), { code: "host-sku" });
});

Deno.test("resolveTarget: the answers of earlier runs are used, the power state's for less long", async () => {
  const { power: _, ...known } = WEB;
  const kept = new Map<string, unknown>([
    ["subscriptions subscriptions", SUBSCRIPTIONS],
    ["machine web1", known],
    [`way ${WEB.id.toLowerCase()}`, { host: HUB, note: "as before" }],
  ]);
  const { resolve, asked } = resolving({ kept });
  const target = await resolve(byWord("web1"));
  assert.deepEqual(asked, ["machine web1"], "only the power state is asked for");
  assert.deepEqual([target.label, target.notes.at(-1)], ["app/web1:22", "as before"]);
  const running = resolving({ kept: new Map([...kept, [`vm ${WEB.id.toLowerCase()}`, WEB]]) });
  await running.resolve(byWord("web1"));
  assert.deepEqual(running.asked, [], "nothing is asked for");
  const stopped = resolving({
    kept,
    machines: [fakeMachine("web1", { subscription: PROD, power: "stopped" })],
  });
  await assert.rejects(stopped.resolve(byWord("web1")), { code: "vm-stopped" });
  assert.deepEqual(stopped.forgotten, [], "that is no fault of theirs");
});

Deno.test("resolveTarget: an earlier run's answer that is wrong by now is forgotten", async () => {
  const moved = fakeMachine("web1", { subscription: PROD, resourceGroup: "new" });
  const kept = new Map<string, unknown>([["machine web1", WEB]]);
  const { resolve, forgotten } = resolving({ kept, machines: [moved] });
  assert.equal((await resolve(byWord("web1"))).label, "new/web1:22");
  assert.deepEqual(forgotten, [["machine", "*", "web1"]]);

  const upgraded = resolving({ kept: new Map([["host hub", { ...HUB, sku: "Basic" }]]) });
  assert.equal((await upgraded.resolve(request)).bastionHost.sku, "Standard");
  const still = resolving({
    kept: new Map([["host hub", HUB]]),
    hosts: [{ ...HUB, sku: "Basic" }],
  });
  assert.equal((await still.resolve({ ...request, check: false })).bastionHost.sku, "Standard");
});

Deno.test("resolveTarget: without a target the user picks one", async () => {
  const questions: (Question & { readonly choices: readonly Choice<unknown>[] })[] = [];
  const prompt: Prompt = {
    ...noPrompt,
    available: true,
    select(question) {
      questions.push(question);
      const [, second] = question.choices;
      return second ? Promise.resolve(second.value) : Promise.reject(new Error("no choice"));
    },
  };
  const machines = [
    WEB,
    fakeMachine("db", { subscription: PROD, power: "stopped", privateIp: "10.1.0.9" }),
  ];
  const { resolve } = resolving({ prompt, machines });
  assert.equal((await resolve({ port: 22 })).label, "app/web1:22");
  const [question] = questions;
  assert.deepEqual(question?.choices.map(({ label, detail }) => [label, detail]), [
    ["app/db", "stopped, 10.1.0.9"],
    ["app/web1", "running, 10.1.0.4"],
  ]);
  assert.match(question?.flag ?? "", /--target-resource-id/);
  const twin = fakeMachine("web1", { subscription: DEV });
  await resolving({ prompt, machines: [WEB, twin] }).resolve({ port: 22 });
  assert.deepEqual(questions[1]?.choices.map(({ detail }) => detail), [
    "running, 10.1.0.4, prod",
    "running, 10.1.0.4, dev",
  ]);
  await assert.rejects(resolving({ prompt, machines: [] }).resolve({ port: 22 }), {
    code: "target-not-found",
  });
  await assert.rejects(resolving({ prompt }).resolve({}), { code: "usage", message: /No port/ });
});

Deno.test("resolveTarget: a signal ends it, with its reason", async () => {
  const reason = new Error("enough");
  for (const given of [request, byWord("web1"), byWord("10.1.0.4")]) {
    const { resolve } = resolving();
    await assert.rejects(resolve({ ...given, signal: AbortSignal.abort(reason) }), reason);
  }
});
