/**
 * By which Azure credentials a certificate is had for `--auth-type aad`, and what the others are
 * told. The VM is the emulator's own, which checks certificates as sshd does.
 */

import assert from "node:assert/strict";
import { AAD_APP } from "../helpers/aad_ssh.ts";
import { CLI_SUBSCRIPTION, CLI_TENANT } from "../helpers/azure_cli_directory.ts";
import { azureCliUser } from "../helpers/azure_cli_user.ts";
import { type BastionLauncher, createBastionLauncher } from "../helpers/bastion_launcher.ts";
import { privateDirectories } from "../helpers/bastion_ssh.ts";
import { type AzureOptions, type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { describeTree } from "../helpers/file_tree.ts";
import { NO_CREDENTIAL } from "../helpers/no_credential.ts";
import { runProgram, type RunResult } from "../helpers/run.ts";
import { testSsh2 } from "../helpers/test_ssh2.ts";

const ADA = { username: "ada@home.test", password: "ada's pässword" };
const HOME = {
  tenants: [{ id: CLI_TENANT, name: "Home", domain: "home.test" }],
  subscriptions: [{ id: CLI_SUBSCRIPTION, name: "Dev", tenant: CLI_TENANT }],
  users: [{ userPrincipalName: ADA.username, password: ADA.password, tenant: CLI_TENANT }],
};

interface Way {
  readonly azure: EmulatedAzure;
  readonly launcher: BastionLauncher;
  aad(env: Readonly<Record<string, string>>, options?: readonly string[]): Promise<RunResult>;
}

function withVm(
  world: NonNullable<AzureOptions["world"]>,
  body: (way: Way) => Promise<void>,
): Promise<void> {
  return withAzure({ ports: { 22: "ssh" }, world }, async (azure) => {
    const launcher = await createBastionLauncher(azure);
    await body({
      azure,
      launcher,
      aad(env, options = []) {
        const words = ["ssh", "web1", "--auth-type", "aad", ...options, "--", "echo in"];
        return runProgram([launcher.path, ...words], {
          env: { ...launcher.env, ...env },
          inherit: false,
        });
      },
    });
    assert.deepEqual(await privateDirectories(azure), []);
    await launcher.settle();
  });
}

testSsh2(
  ["ssh"],
  "aad by a service principal: the VM knows it by its id, and nobody else gets in",
  () =>
    withVm({}, async ({ azure, aad }) => {
      const { code, stdout, stderr } = await aad({}, ["-l", AAD_APP]);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "in\n" }, stderr);
      azure.emulator.setSshCertificateLifetime(0);
      const ended = await aad({});
      assert.equal(ended.code, 255);
      assert.match(ended.stderr, /the certificate has ended, at/);
    }),
);

testSsh2(
  ["ssh"],
  "aad by az's own cache: its refresh token is redeemed, and nothing is written there",
  () =>
    withVm(HOME, async ({ azure, launcher, aad }) => {
      await using directory = await azureCliUser(azure.emulator, ADA);
      const before = await describeTree(directory.path);
      const env = { ...NO_CREDENTIAL, AZURE_CONFIG_DIR: directory.path };
      const { code, stdout, stderr } = await aad(env);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "in\n" }, stderr);
      const shown = await runProgram([launcher.path, "account", "show", "--json"], {
        env: { ...launcher.env, ...env },
        inherit: false,
      });
      assert.equal(JSON.parse(shown.stdout).credential, `azure-cli-cache (${ADA.username})`);

      azure.emulator.setUser({ userPrincipalName: ADA.username, revoked: true });
      const revoked = await aad(env);
      assert.equal(revoked.code, 255);
      assert.match(revoked.stderr, new RegExp(`Run: az login --tenant ${CLI_TENANT}`));
      assert.deepEqual(await describeTree(directory.path), before, "never written");
    }),
);

const identity = { managedIdentities: [{ clientId: "0e0e0e0e-0000-4000-8000-0000000000d1" }] };

/** Who has a token for Azure, and cannot have one of Entra's certificates. */
const without: Readonly<
  Record<string, (way: Way) => readonly string[] | Promise<readonly string[]>>
> = {
  "managed-identity": () => ["--credential", "managed-identity"],
  "token-command": async ({ azure }) => {
    // It answers in a form that a token command may print.
    const imds = azure.emulator.managedIdentity?.imds ?? assert.fail("no identity");
    const query = "api-version=2018-02-01&resource=https://management.emulator.test";
    const answer = await fetch(`${imds}/metadata/identity/oauth2/token?${query}`, {
      headers: { Metadata: "true" },
    });
    const file = azure.file("token");
    await Deno.writeTextFile(file, await answer.text());
    return ["--token-command", `cat ${file}`];
  },
};

for (const [name, options] of Object.entries(without)) {
  testSsh2(
    ["ssh"],
    `aad by ${name}: the error says who can, and bastion login`,
    () =>
      withVm(identity, async (way) => {
        const words = await options(way);
        const { code, stderr } = await way.aad(NO_CREDENTIAL, [...words, "--json"]);
        assert.equal(code, 255);
        assert.match(
          stderr,
          new RegExp(`credential ${name}.* cannot have a certificate for the VM`),
        );
        assert.match(stderr, /"code":"certificate-unavailable".*Run: bastion login/);
        assert.equal(way.azure.emulator.stats().sessionsIssued, 0);
      }),
  );
}
