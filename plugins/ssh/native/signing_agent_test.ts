import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { listenPrivately } from "../../../core/net/listen_privately.ts";
import type { PluginContext, SshSigner } from "../../../core/mod.ts";
import { createPlatform } from "../../../core/platform.ts";
import { describeError } from "../../../core/errors.ts";
import { needs } from "../../../tests/helpers/needs.ts";
import { runProgram, runSuccessfully } from "../../../tests/helpers/run.ts";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { createVault, type VaultKeyType } from "../../../tests/helpers/vault_plugin.ts";
import { openSigningAgent } from "./signing_agent.ts";

const platform = createPlatform(Deno.build.os, () => undefined);
const ctx: Parameters<typeof openSigningAgent>[2] = {
  listenPrivately: (directory, serve) => listenPrivately(directory, serve, platform),
  describeError,
  error: (code, params = {}) => Object.assign(new Error(JSON.stringify(params)), { code }),
};

async function signerOf(type: VaultKeyType): Promise<SshSigner> {
  const { signIns = [] } = await createVault(type).plugin({} as PluginContext);
  const given = await signIns[0]?.signIn({} as never, {} as PluginContext);
  const [method] = given?.methods ?? [];
  assert.equal(method?.kind, "signer");
  return method;
}

for (const type of ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"] as const) {
  needs("ssh-keygen", "ssh-add").test(
    `signing agent: OpenSSH's tools take its ${type} signatures`,
    async () => {
      await using directory = await tempDir();
      const signer = await signerOf(type);
      await using agent = await openSigningAgent([signer], directory.path, ctx);
      const env = { SSH_AUTH_SOCK: agent.path };
      const { stdout } = await runSuccessfully(["ssh-add", "-L"], { env });
      assert.equal(stdout.trim(), signer.publicKey);

      const [key, allowed] = [directory.file("key.pub"), directory.file("allowed")];
      await Deno.writeTextFile(key, `${signer.publicKey}\n`);
      await Deno.writeTextFile(allowed, `ada ${signer.publicKey}\n`);
      const sign = ["ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", key] as const;
      const signature = directory.file("signature");
      const { stdout: text } = await runSuccessfully([...sign], { env, stdin: "data" });
      await Deno.writeTextFile(signature, text);
      const verify = ["-Y", "verify", "-n", "file", "-f", allowed, "-I", "ada", "-s", signature];
      await runSuccessfully(["ssh-keygen", ...verify], { stdin: "data" });
      assert.notEqual((await runProgram(["ssh-keygen", ...verify], { stdin: "other" })).code, 0);

      // It holds no other keys, and takes none.
      const added = await runProgram(["ssh-add", "-D"], { env });
      assert.notEqual(added.code, 0);
    },
  );
}

Deno.test("signing agent: a message that is too long ends the connection, not the agent", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using directory = await tempDir();
  await using agent = await openSigningAgent([await signerOf("ssh-ed25519")], directory.path, ctx);
  for (const size of [0, 256 * 1024 + 1, 0xffff_ffff]) {
    using conn = await Deno.connect({ transport: "unix", path: agent.path });
    const head = Buffer.alloc(4);
    head.writeUInt32BE(size);
    await conn.write(head);
    assert.equal(await conn.read(new Uint8Array(1)), null, String(size));
  }
  using conn = await Deno.connect({ transport: "unix", path: agent.path });
  await conn.write(Buffer.from([0, 0, 0, 1, 11]));
  const answer = new Uint8Array(5);
  await conn.read(answer);
  assert.equal(answer[4], 12);
});

Deno.test("signing agent: where it cannot be, that is said, with what can", async () => {
  await assert.rejects(openSigningAgent([await signerOf("ssh-ed25519")], "/nonexistent", ctx), {
    code: "ssh/signer-unusable",
  });
  const bad: SshSigner = { publicKey: "nonsense", sign: () => assert.fail("signed") };
  await assert.rejects(openSigningAgent([bad], "/nonexistent", ctx), {
    code: "ssh/signer-unusable",
    message: /is no public key/,
  });
});
