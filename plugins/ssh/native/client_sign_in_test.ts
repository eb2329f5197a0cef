import assert from "node:assert/strict";
import { systemClock } from "../../../core/clock.ts";
import { listenPrivately } from "../../../core/net/listen_privately.ts";
import { createPlatform } from "../../../core/platform.ts";
import type { ByteStream, CommandContext, VmSignInMethod } from "../../../core/mod.ts";
import { Secret } from "../../../core/secret.ts";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { clientSignIn } from "./client_sign_in.ts";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----";

/** The settings of `methods`, and what `body` sees of the private files. */
async function withSignIn(
  methods: readonly VmSignInMethod[],
  body: (
    made: { settings: readonly string[]; env: Record<string, string>; state: string },
  ) => unknown,
  prepare?: (state: string) => Promise<void>,
) {
  await using directory = await tempDir();
  const state = directory.file("bastion");
  const platform = createPlatform(
    Deno.build.os,
    (name) => name === "XDG_STATE_HOME" ? directory.path : undefined,
  );
  const ctx = {
    platform: { ...platform, stateDirectory: state },
    selfCommand: (args: readonly string[]) => ["/opt/it's/bastion", ...args],
    clock: systemClock,
    error: (code: string) => new Error(code),
    listenPrivately: (
      path: string,
      serve: (connection: ByteStream) => Promise<void>,
    ) => listenPrivately(path, serve, platform),
  } as unknown as CommandContext;
  await prepare?.(state);
  {
    await using made = await clientSignIn({ methods }, ctx);
    await body({ settings: made.settings, env: { ...made.env }, state });
  }
  const left = await Array.fromAsync(Deno.readDir(state)).catch(() => []);
  assert.deepEqual(left, [], "nothing is left behind");
}

async function modeOf(path: string): Promise<number> {
  return ((await Deno.stat(path)).mode ?? 0) & 0o777;
}

Deno.test("clientSignIn: a password goes by askpass, and no key is offered", () => {
  const password = new Secret("pa$$ word");
  return withSignIn(
    [{ kind: "password", password }, { kind: "keyboard-interactive", password }],
    async ({ settings, env }) => {
      assert.deepEqual(settings, [
        "PreferredAuthentications=password,keyboard-interactive",
        "PubkeyAuthentication=no",
        "NumberOfPasswordPrompts=1",
      ]);
      const { SSH_ASKPASS: script = "", BASTION_ASKPASS_FILE: file = "", ...others } = env;
      assert.deepEqual(others, { SSH_ASKPASS_REQUIRE: "force" });
      assert.equal(await modeOf(file), 0o600);
      assert.equal(await modeOf(file.replace(/\/password$/, "")), 0o700);
      assert.equal(await Deno.readTextFile(file), "pa$$ word");
      assert.equal(
        await Deno.readTextFile(script),
        "#!/bin/sh\nexec '/opt/it'\\''s/bastion' ssh-askpass -- \"$@\"\n",
      );
      assert.equal(Object.values(env).join().includes("pa$$ word"), false);
    },
  );
});

Deno.test("clientSignIn: a key in memory and its certificate stand in files while they are needed", () =>
  withSignIn(
    [{
      kind: "key",
      privateKey: new Secret(KEY),
      certificate: "ssh-rsa-cert-v01@openssh.com AAAA",
    }],
    async ({ settings, env, state }) => {
      const [directory] = await Array.fromAsync(Deno.readDir(state));
      const file = `${state}/${directory?.name}/key-0`;
      assert.deepEqual(settings, [
        "PreferredAuthentications=publickey",
        "IdentitiesOnly=yes",
        `IdentityFile="${file}"`,
        `CertificateFile="${file}-cert.pub"`,
      ]);
      assert.deepEqual(env, {});
      assert.equal(await Deno.readTextFile(file), `${KEY}\n`);
      assert.equal(await modeOf(file), 0o600);
      assert.match(
        await Deno.readTextFile(`${file}-cert.pub`),
        /^ssh-rsa-cert-v01@openssh\.com AAAA\n$/,
      );
    },
  ));

Deno.test("clientSignIn: an agent's keys alone, or a file's alone", async () => {
  await withSignIn([{ kind: "agent", socket: "/run/a b" }], ({ settings }) => {
    assert.deepEqual(settings, [
      "PreferredAuthentications=publickey",
      "IdentitiesOnly=no",
      "IdentityFile=none",
      'IdentityAgent="/run/a b"',
    ]);
  });
  await withSignIn([{ kind: "key-file", path: "/home/u/100%/key" }], ({ settings }) => {
    assert.deepEqual(settings, [
      "PreferredAuthentications=publickey",
      "IdentitiesOnly=yes",
      'IdentityFile="/home/u/100%%/key"',
    ]);
  });
  await assert.rejects(
    withSignIn([{ kind: "key-file", path: '/home/u/"/key' }], () => {}),
    /ssh\/path-odd/,
  );
});

Deno.test("clientSignIn: what a run that was killed has left is removed, what is in use is not", async () => {
  const password = new Secret("p");
  const old = new Date(Date.now() - 25 * 60 * 60 * 1000);
  const names = (state: string) => Array.from(Deno.readDirSync(state), ({ name }) => name).sort();
  await withSignIn([{ kind: "password", password }], async ({ state, env }) => {
    const mine = env["BASTION_ASKPASS_FILE"]?.split("/").at(-2) ?? "";
    assert.deepEqual(names(state), ["ssh-young", "tokens", mine].sort());
    // Another run may find that this one has lasted long.
    for (const name of names(state)) await Deno.remove(`${state}/${name}`, { recursive: true });
  }, async (state) => {
    for (const name of ["ssh-old", "ssh-young", "tokens"]) {
      await Deno.mkdir(`${state}/${name}`, { recursive: true });
      if (name === "ssh-young") continue;
      await Deno.writeTextFile(`${state}/${name}/password`, "q");
      await Deno.utime(`${state}/${name}`, old, old);
    }
  });
});

Deno.test("clientSignIn: a key that only signs is asked by an agent of ours, and no other", {
  ignore: Deno.build.os === "windows",
}, () => {
  const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAA2tleQ==";
  const certificate =
    "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t";
  const sign = () => Promise.reject(new Error("not asked to"));
  return withSignIn(
    [{ kind: "signer", publicKey, certificate, sign }],
    async ({ settings, env, state }) => {
      const [directory] = await Array.fromAsync(Deno.readDir(state));
      const path = `${state}/${directory?.name}`;
      assert.deepEqual(settings, [
        "PreferredAuthentications=publickey",
        "IdentitiesOnly=yes",
        `IdentityFile="${path}/key-0.pub"`,
        `CertificateFile="${path}/key-0-cert.pub"`,
        `IdentityAgent="${path}/socket"`,
        "ForwardAgent=no",
      ]);
      assert.deepEqual(env, {});
      assert.equal(await Deno.readTextFile(`${path}/key-0.pub`), `${publicKey}\n`);
      assert.equal(await modeOf(path), 0o700);
      assert.equal(await modeOf(`${path}/socket`), 0o600);
    },
  );
});
