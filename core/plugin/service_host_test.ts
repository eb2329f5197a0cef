import assert from "node:assert/strict";
import { BastionError } from "../errors.ts";
import type { PluginContext, Service, ServiceKey } from "./plugin.ts";
import { createServiceHost } from "./service_host.ts";

function host(services: Readonly<Record<string, Service["create"]>>) {
  return createServiceHost(
    {
      services: new Map(
        Object.entries(services).map(([name, create]) => [name, {
          plugin: `${name}-plugin`,
          value: { key: { name }, create },
        }]),
      ),
    },
    (plugin) => ({ cwd: plugin }) as unknown as PluginContext,
  );
}

const key = (name: string): ServiceKey<unknown> => ({ name });

async function rejection(promise: Promise<unknown>): Promise<BastionError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof BastionError, `not a BastionError: ${String(error)}`);
  return error;
}

Deno.test("a service is made once, with its owner's context, whoever asks meanwhile", async () => {
  let made = 0;
  const services = host({
    ssh: async ({ cwd }) => {
      await Promise.resolve();
      return { number: ++made, cwd };
    },
  });
  const [first, second] = await Promise.all([
    services.get(key("ssh"), "upload"),
    services.get(key("ssh"), "rdp"),
  ]);
  assert.equal(first, second);
  assert.equal(first, await services.get(key("ssh"), "upload"));
  assert.deepEqual(first, { number: 1, cwd: "ssh-plugin" });
});

Deno.test("services may stand on one another", async () => {
  const services = host({
    a: async (ctx) => `a(${await ctx.service(key("b"))})`,
    b: async (ctx) => `b(${await ctx.service(key("c"))})`,
    c: () => "c",
  });
  assert.equal(await services.get(key("a"), "p"), "a(b(c))");
});

Deno.test("a service that nobody provides is an error that says who needs it", async () => {
  const { code, message } = await rejection(host({}).get(key("ssh"), "upload"));
  assert.equal(code, "service-missing");
  assert.equal(message, "Plugin upload needs the service ssh, which no plugin provides.");
});

Deno.test("services that wait for each other end with an error, not with a hang", async () => {
  const asks = (name: string): Service["create"] => (ctx) => ctx.service(key(name));
  for (const start of ["a", "b", "c"]) {
    const services = host({ a: asks("b"), b: asks("c"), c: asks("a") });
    const { code, message } = await rejection(services.get(key(start), "p"));
    assert.equal(code, "plugin-invalid");
    assert.match(message, /services wait for each other \(\w → \w → \w → \w\)/);
  }
  const alone = await rejection(host({ a: asks("a") }).get(key("a"), "p"));
  assert.match(alone.message, /a → a/);
});

Deno.test("a cycle that two askers close from both sides is found as well", async () => {
  const gate = Promise.withResolvers<void>();
  const asks = (name: string): Service["create"] => async (ctx) => {
    await gate.promise;
    return await ctx.service(key(name));
  };
  const services = host({ a: asks("b"), b: asks("a") });
  const both = [
    rejection(services.get(key("a"), "p")),
    rejection(services.get(key("b"), "p")),
  ];
  gate.resolve();
  assert.deepEqual((await Promise.all(both)).map(({ code }) => code), [
    "plugin-invalid",
    "plugin-invalid",
  ]);
});

Deno.test("what could not be made names its owner, and is tried again", async () => {
  let attempts = 0;
  const services = host({
    ssh: () => {
      if (++attempts === 1) throw new Error("boom");
      return "made";
    },
  });
  const { code, message } = await rejection(services.get(key("ssh"), "upload"));
  assert.equal(code, "plugin-failed");
  assert.equal(message, "Plugin ssh-plugin failed in the service ssh: boom");
  assert.equal(await services.get(key("ssh"), "upload"), "made");
});
