/** `bastion ssh --auth-type aad`: certificates of the emulated Entra, checked by a real sshd. */

import assert from "node:assert/strict";
import { type BastionLauncher, createBastionLauncher } from "../helpers/bastion_launcher.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { freePort } from "../helpers/free_port.ts";
import { needsThat } from "../helpers/needs.ts";
import { runProgram, type RunResult, runSuccessfully } from "../helpers/run.ts";
import { canHaveUsers, type Sshd, startSshd } from "../helpers/sshd.ts";

const CLIENT = "0e0e0e0e-0000-4000-8000-0000000000c1";
const ADA = "ada@emulator.test";
/** Without the credential that the emulator's environment brings. */
const signedOut = {
  AZURE_TENANT_ID: "",
  AZURE_CLIENT_ID: "",
  AZURE_CLIENT_SECRET: "",
  AZURE_CONFIG_DIR: "/nonexistent",
};

interface AadWay {
  readonly azure: EmulatedAzure;
  readonly launcher: BastionLauncher;
  readonly sshd: Sshd;
  bastion(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<RunResult>;
}

/** @param user who exists on the VM @param authority whose certificates the VM accepts; Entra's */
async function withAad(
  user: string,
  body: (way: AadWay) => Promise<void>,
  authority?: string,
): Promise<void> {
  const port = freePort();
  const world = { users: [{ userPrincipalName: ADA, autoApprove: true }] };
  await withAzure({ ports: { 22: port }, world: { ...world } }, async (azure) => {
    const accepted = authority ??
      await Deno.readTextFile(`${azure.emulator.directory}/ssh_user_ca.pub`);
    await using sshd = await startSshd({ port, certificates: { authority: accepted, user } });
    const launcher = await createBastionLauncher(azure);
    await body({
      azure,
      launcher,
      sshd,
      async bastion(args, env = {}) {
        const result = await runProgram([launcher.path, ...args], {
          env: { ...launcher.env, ...env },
          inherit: false,
        });
        const left = (await Array.fromAsync(Deno.readDir(azure.stateDirectory)))
          .filter(({ name }) => name.startsWith("ssh-"));
        assert.deepEqual(left, [], "key and certificate are gone");
        return result;
      },
    });
    await launcher.settle();
  });
}

const test = needsThat(canHaveUsers(), "way to give sshd users of its own").test;

test("a service principal enters as itself; the documented command", () =>
  withAad(CLIENT, async ({ azure, sshd, bastion }) => {
    const { code, stdout, stderr } = await bastion([
      ...["ssh", "--name", "hub", "--resource-group", "net"],
      ...["--target-resource-id", azure.vmId, "--auth-type", "AAD", "--", "echo hi; exit 7"],
    ]);
    assert.deepEqual({ code, stdout }, { code: 7, stdout: "hi\n" }, stderr);
    assert.match(sshd.log(), /Accepted publickey for .* RSA-CERT/);
    const other = await bastion(["ssh", "web1", "--auth-type", "aad", "-l", "root", "true"]);
    assert.equal(other.code, 255);
    assert.match(other.stderr, /certificate is for 0e0e.*, not for root/);
  }));

test("a user who has signed in by bastion login enters by the name of that sign-in", () =>
  withAad(ADA, async ({ bastion }) => {
    const login = await bastion(["login", "--device-code"], signedOut);
    assert.equal(login.code, 0, login.stderr);
    for (const _time of ["first", "second"]) {
      const { code, stdout, stderr } = await bastion(
        ["ssh", "web1", "--auth-type", "aad", "echo hi"],
        signedOut,
      );
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "hi\n" }, stderr);
    }
  }));

test("a VM that refuses the certificate: role and extension are named", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${directory}/ca`]);
    const stranger = (await Deno.readTextFile(`${directory}/ca.pub`)).trim();
    await withAad(CLIENT, async ({ bastion }) => {
      const { code, stderr } = await bastion(["ssh", "web1", "--auth-type", "aad", "true"]);
      assert.equal(code, 255);
      assert.match(stderr, /Virtual Machine .*User Login.*AADSSHLoginForLinux/s);
    }, stranger);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
