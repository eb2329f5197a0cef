import assert from "node:assert/strict";
import type { PluginContext } from "../../plugin/plugin.ts";
import { Secret } from "../../secret.ts";
import { openSignIn } from "./open_sign_in.ts";
import type { VmSignInProvider, VmSignInRequest } from "./sign_in.ts";

const request = { signal: new AbortController().signal } as VmSignInRequest;

function open(given: unknown) {
  const value: VmSignInProvider = {
    name: "own",
    signIn: () => given instanceof Error ? Promise.reject(given) : given as never,
  };
  const providers = new Map([["own", { plugin: "p", value }]]);
  return openSignIn("own", request, providers, () => ({}) as PluginContext);
}

const dispose = { [Symbol.asyncDispose]: () => Promise.resolve() };

Deno.test("openSignIn: a sign-in of a plugin's passes where it is whole", async () => {
  const good = {
    user: "u",
    methods: [
      { kind: "password", password: new Secret("x") },
      { kind: "key", privateKey: new Secret("k"), certificate: "c a\n" },
      { kind: "agent" },
    ],
    expiresOn: 1,
    ...dispose,
  };
  assert.equal(await open(good), good);
});

Deno.test("openSignIn: what is not whole names plugin and sign-in", async () => {
  const agent = { kind: "agent" };
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /no object/],
    [{ methods: [agent] }, /cannot be disposed of/],
    [{ methods: [], ...dispose }, /no methods/],
    [{ methods: [{ kind: "telepathy" }], ...dispose }, /no method telepathy/],
    [
      { methods: [{ kind: "password", password: "plain text" }], ...dispose },
      /password is not whole|not complete/,
    ],
    [{ methods: [{ kind: "key-file", path: "/a\nProxyCommand x" }], ...dispose }, /not complete/],
    [{ user: 5, methods: [agent], ...dispose }, /user is not text/],
    [{ expiresOn: "soon", methods: [agent], ...dispose }, /its end is no number/],
    [new Error("broken"), /broken/],
  ];
  for (const [given, message] of bad) {
    await assert.rejects(open(given), { code: "plugin-failed", message });
  }
  await assert.rejects(
    openSignIn("x", request, new Map(), () => ({}) as PluginContext),
    { code: "usage", message: /no sign-in x/ },
  );
});
