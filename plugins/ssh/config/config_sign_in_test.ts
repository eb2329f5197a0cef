import assert from "node:assert/strict";
import { createPlatform } from "../../../core/platform.ts";
import type { BastionHost, CommandContext, VmSignInMethod } from "../../../core/mod.ts";
import { Secret } from "../../../core/secret.ts";
import { configSignIn } from "./config_sign_in.ts";

const HOST = { id: "/subscriptions/s/hub", name: "hub", resourceGroup: "net" } as BastionHost;

function context(methods: readonly VmSignInMethod[], asked: string[] = []): CommandContext {
  return {
    platform: createPlatform("linux", (name) => name === "HOME" ? "/home/ada" : undefined),
    cwd: "/home/ada/here",
    signal: new AbortController().signal,
    selfCommand: (words: readonly string[]) => ["/bin/bastion", ...words],
    error: (code: string, params: Record<string, string>) =>
      Object.assign(new Error(JSON.stringify(params)), { code }),
    signIn: (name: string) => {
      asked.push(name);
      return Promise.resolve({
        user: "ada",
        methods,
        [Symbol.asyncDispose]: () => {
          asked.push("disposed");
          return Promise.resolve();
        },
      });
    },
  } as unknown as CommandContext;
}

const key: VmSignInMethod = { kind: "key", privateKey: new Secret("private"), certificate: "c" };
const password: VmSignInMethod = { kind: "password", password: new Secret("password") };
const signer: VmSignInMethod = {
  kind: "signer",
  publicKey: "ssh-ed25519 AAAA",
  sign: () => Promise.resolve(new Uint8Array()),
};

Deno.test("configSignIn: what can stand in a file does, by a plugin's sign-in as well", async () => {
  const table: readonly (readonly [VmSignInMethod, readonly string[]])[] = [
    [{ kind: "key-file", path: "/k" }, ['IdentityFile="/k"', "IdentitiesOnly=yes"]],
    [{ kind: "agent" }, ["IdentitiesOnly=no", "IdentityFile=none"]],
    [{ kind: "agent", socket: "/s" }, [
      ...["IdentitiesOnly=no", "IdentityFile=none", 'IdentityAgent="/s"'],
    ]],
    [key, ["IdentitiesOnly=yes"]],
  ];
  for (const [method, expected] of table) {
    const asked: string[] = [];
    const signIn = await configSignIn("own", HOST, {}, {}, context([method], asked));
    assert.deepEqual(signIn.settings, ["PreferredAuthentications=publickey", ...expected]);
    assert.equal(signIn.user, "ada");
    assert.equal(signIn.renewal !== undefined, method.kind === "key");
    assert.deepEqual(asked, ["own", "disposed"]);
  }
});

Deno.test("configSignIn: a key is renewed by a command with all that was said; another is another", async () => {
  const options = { "ssh-key": "vault/k" };
  const one = await configSignIn("own", HOST, options, { profile: "p" }, context([key]));
  assert.match(
    one.renewal?.command ?? "",
    /^\/bin\/bastion ssh-certificate --profile=p --quiet --auth-type=own --bastion=\/subscriptions\/s\/hub --username=ada --ssh-key=\/home\/ada\/here\/vault\/k [0-9a-f]{16} --no-input$/,
  );
  const two = await configSignIn("own", HOST, options, {}, context([key]));
  assert.notEqual(one.renewal?.include, two.renewal?.include);
  const url = { "ssh-key": "https://v.vault.test/keys/k" };
  const three = await configSignIn("own", HOST, url, {}, context([key]));
  assert.match(three.renewal?.command ?? "", /--ssh-key=https:\/\/v\.vault\.test\/keys\/k /);
});

Deno.test("configSignIn: what cannot is refused, with the reason", async () => {
  const asked: string[] = [];
  const passwords = configSignIn("password", HOST, {}, {}, context([password], asked));
  await assert.rejects(passwords, {
    code: "ssh/config-sign-in",
    message: /must not stand in a file/,
  });
  assert.deepEqual(asked, [], "nobody was asked for it");
  for (
    const [method, why] of [[password, /a password/], [signer, /only while bastion runs/]] as const
  ) {
    const refused = configSignIn("own", HOST, {}, {}, context([key, method]));
    await assert.rejects(refused, { code: "ssh/config-sign-in", message: why });
  }
});
