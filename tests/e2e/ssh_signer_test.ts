/** Keys that only sign, of a stranger's plugin, enter a real sshd by either client. */

import assert from "node:assert/strict";
import type { CommandContext, Output, SpawnOptions } from "../../core/mod.ts";
import { run } from "../../plugins/ssh/run.ts";
import { textOfSource } from "../helpers/byte_source.ts";
import { runProgram, runSuccessfully } from "../helpers/run.ts";
import { canHaveUsers, sshdPrograms } from "../helpers/sshd.ts";
import { type SshService, withSshService } from "../helpers/ssh_service.ts";
import { tempDir } from "../helpers/temp_dir.ts";
import { testSsh2 } from "../helpers/test_ssh2.ts";
import { createVault, type Vault, type VaultKeyType } from "../helpers/vault_plugin.ts";

const CLIENTS = ["native", "builtin"] as const;
type Client = typeof CLIENTS[number];

const TYPES: Readonly<Record<VaultKeyType, RegExp>> = {
  "ssh-ed25519": /^ssh-ed25519$/,
  "ssh-rsa": /^rsa-sha2-(256|512)$/,
  "ecdsa-sha2-nistp256": /^ecdsa-sha2-nistp256$/,
};

/** The VM lets the vault's key in. */
async function authorize({ sshd }: SshService, { publicKey }: Vault): Promise<void> {
  await Deno.writeTextFile(`${sshd.identityFile}.pub`, `${publicKey}\n`, { append: true });
}

async function enter({ open }: SshService, client: Client, user?: string): Promise<void> {
  await using session = await open({
    client,
    authType: "vault",
    ...(user === undefined ? {} : { user }),
  });
  const channel = await session.exec("echo in");
  const [stdout] = await Promise.all([textOfSource(channel), textOfSource(channel.stderr)]);
  assert.equal(stdout, "in\n");
}

for (const client of CLIENTS) {
  for (const [type, algorithm] of Object.entries(TYPES) as [VaultKeyType, RegExp][]) {
    testSsh2(sshdPrograms, `${client}: a vault's ${type} key enters, and stays there`, async () => {
      const vault = createVault(type);
      await withSshService(async (service) => {
        await authorize(service, vault);
        await enter(service, client);
        assert.equal(vault.signed.length, 1);
        assert.match(vault.signed[0] ?? "", algorithm);
        assert.match(service.sshd.log(), /Accepted publickey for /);
      }, { plugins: [vault.plugin] });
    });
  }

  testSsh2(sshdPrograms, `${client}: why a vault does not sign is said`, async () => {
    const vault = createVault("ssh-ed25519");
    await withSshService(async (service) => {
      await authorize(service, vault);
      vault.refuse("the vault is locked");
      await assert.rejects(enter(service, client), { message: /the vault is locked/ });
    }, { plugins: [vault.plugin] });
  });

  testSsh2(sshdPrograms, `${client}: a vault's key that the VM does not know`, async () => {
    const vault = createVault("ssh-ed25519");
    await withSshService(async (service) => {
      await assert.rejects(enter(service, client), { code: "ssh/permission-denied" });
      assert.deepEqual(vault.signed, [], "nothing to sign");
    }, { plugins: [vault.plugin] });
  });
}

testSsh2(sshdPrograms, "bastion ssh --auth-type vault, by this computer's OpenSSH", async () => {
  const vault = createVault("ecdsa-sha2-nistp256");
  await withSshService(async (service) => {
    await authorize(service, vault);
    const outputs: string[] = [];
    const notices: string[] = [];
    const out: Partial<Output> = {
      notice: (text) => notices.push(text),
      failure: (error) => notices.push(String(error)),
      event: () => {},
    };
    const ctx = {
      ...service.ctx,
      out,
      // The user's terminal is the test's.
      spawn: async (command: [string, ...string[]], { env = {} }: SpawnOptions = {}) => {
        const { code, stdout } = await runProgram(command, { env });
        outputs.push(stdout);
        return code;
      },
    } as unknown as CommandContext;
    const code = await run({
      options: { "auth-type": "vault", "username": service.sshd.user, "client": "native" },
      args: ["echo in; exit 7"],
      rest: [],
      target: { word: "web1", port: 22 },
    }, ctx);
    assert.deepEqual({ code, outputs }, { code: 7, outputs: ["in\n"] }, notices.join("\n"));
    assert.deepEqual(vault.signed, ["ecdsa-sha2-nistp256"]);
  }, { plugins: [vault.plugin] });
});

for (const client of CLIENTS) {
  testSsh2(
    sshdPrograms,
    `${client}: a vault's key with a certificate`,
    async () => {
      await using directory = await tempDir();
      const [authority, key] = [directory.file("ca"), directory.file("key.pub")];
      await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", authority]);
      const vault = createVault("ssh-rsa");
      await Deno.writeTextFile(key, `${vault.publicKey}\n`);
      const signing = ["-q", "-s", authority, "-I", "vault", "-n", "ada", "-V", "+1h"];
      await runSuccessfully(["ssh-keygen", ...signing, key]);
      vault.certificate = (await Deno.readTextFile(directory.file("key-cert.pub"))).trim();
      const certificates = {
        authority: (await Deno.readTextFile(`${authority}.pub`)).trim(),
        user: "ada",
      };
      await withSshService(async (service) => {
        await enter(service, client, "ada");
        assert.match(service.sshd.log(), /Accepted publickey for ada .* RSA-CERT/);
      }, { plugins: [vault.plugin], sshd: { certificates } });
    },
    canHaveUsers() ? [] : ["way to give sshd users of its own"],
  );
}
