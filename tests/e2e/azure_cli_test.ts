/** Microsoft's Azure CLI and we: what it has signed in to is ours to use, and its files are its own. */

import assert from "node:assert/strict";
import { azureCli } from "../helpers/azure_cli.ts";
import { CLI_SUBSCRIPTION, CLI_TENANT } from "../helpers/azure_cli_directory.ts";
import { azureCliUser, signInToAz } from "../helpers/azure_cli_user.ts";
import { assertEcho } from "../helpers/echo_check.ts";
import { CLIENT_SECRET, type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { describeTree } from "../helpers/file_tree.ts";
import { needs } from "../helpers/needs.ts";
import { NO_CREDENTIAL } from "../helpers/no_credential.ts";
import { roundTrip } from "../helpers/round_trip.ts";

const CLIENT = "0e0e0e0e-0000-4000-8000-0000000000c1";
const ADA = { username: "ada@home.test", password: "ada's pässword" };

async function showAccount(
  azure: EmulatedAzure,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const process = await azure.start(["account", "show", "--json", ...args], { env });
  const { code } = await process.exit(60_000);
  assert.equal(code, 0, process.stdout() + process.stderr());
  return JSON.parse(process.stdout());
}

needs("az").test(
  "az signs in, lists accounts and reads the host; what it keeps is ours to read",
  () =>
    withAzure({ ports: { 7: "echo" } }, async (azure) => {
      const { emulator } = azure;
      await using az = await azureCli(emulator);
      const [subscription] = emulator.world.subscriptions;
      const [host] = emulator.world.bastionHosts;

      const login = ["login", "--service-principal", "--tenant", "adfs"];
      await az.json(...login, "--username", CLIENT, "--password", CLIENT_SECRET);
      const accounts = await az.json("account", "list");
      assert.ok(Array.isArray(accounts));
      assert.deepEqual(
        accounts.map(({ cloudName, id, isDefault, user }) => ({ cloudName, id, isDefault, user })),
        [{
          cloudName: "Emulator",
          id: subscription?.id,
          isDefault: true,
          user: { name: CLIENT, type: "servicePrincipal" },
        }],
      );
      const read = await az.json(
        ...["rest", "--method", "get", "--url", `${host?.id}?api-version=2024-01-01`],
      ) as { name: string; sku: unknown; properties: Record<string, unknown> };
      assert.equal(read.name, "hub");
      assert.deepEqual(read.sku, { name: "Standard" });
      assert.equal(read.properties["dnsName"], `127.0.0.1:${azure.dataPlanePort}`);
      assert.equal(read.properties["enableTunneling"], true);

      const before = await describeTree(az.directory.path);
      const env = { ...NO_CREDENTIAL, ...az.environment };
      const { accessTokensIssued } = emulator.stats();
      const shown = await showAccount(azure, [], env);
      assert.equal(shown["credential"], `azure-cli-cache (service principal ${CLIENT})`);
      assert.deepEqual(shown["defaultSubscription"], {
        id: subscription?.id,
        name: subscription?.name,
      });
      const tunnel = await azure.openTunnel(7, ["--half-close-grace", "0"], { env });
      await assertEcho(tunnel.port);
      assert.equal(emulator.stats().accessTokensIssued, accessTokensIssued, "az's token will do");
      // A new one is had by the secret that az keeps.
      emulator.setFaults([{ at: "token", connection: 1, kind: "status", status: 401 }]);
      await assertEcho(tunnel.port);
      assert.equal(emulator.stats().accessTokensIssued, accessTokensIssued + 1);
      assert.deepEqual(await describeTree(az.directory.path), before, "never written");

      const started = await showAccount(azure, ["--credential", "azure-cli"], env);
      assert.equal(started["credential"], `azure-cli (${CLIENT})`);

      // Signed out there, nobody is signed in here.
      await az.json("logout");
      const nobody = await azure.start(["account", "show", "--json"], { env });
      assert.equal((await nobody.exit()).code, 4);
      assert.match(nobody.stdout(), /azure-cli-cache: nobody is signed in/);
    }),
);

Deno.test("az's user opens a tunnel; revoked, what is open lives on, and az login mends the rest", () => {
  const world = {
    tenants: [{ id: CLI_TENANT, name: "Home", domain: "home.test" }],
    subscriptions: [{ id: CLI_SUBSCRIPTION, name: "Dev", tenant: CLI_TENANT }],
    users: [{ userPrincipalName: ADA.username, password: ADA.password, tenant: CLI_TENANT }],
  };
  return withAzure({ ports: { 7: "echo" }, world }, async (azure) => {
    const { emulator } = azure;
    await using directory = await azureCliUser(emulator, ADA);
    const before = await describeTree(directory.path);
    const env = { ...NO_CREDENTIAL, AZURE_CONFIG_DIR: directory.path };
    const tunnel = await azure.openTunnel(7, ["--half-close-grace", "0"], { env });
    using open = await tunnel.connect();
    await roundTrip(open);
    const shown = await showAccount(azure, [], env);
    assert.equal(shown["credential"], `azure-cli-cache (${ADA.username})`);
    assert.equal(shown["username"], ADA.username);
    // What az has kept is good yet: nobody was asked for more.
    assert.equal(emulator.stats().accessTokensIssued, 1);

    emulator.setUser({ userPrincipalName: ADA.username, revoked: true });
    emulator.setFaults([{ at: "token", kind: "status", status: 401 }]);
    using refused = await tunnel.connect();
    assert.equal(await refused.read(new Uint8Array(1)), null);
    const failed = await tunnel.event("connection-failed");
    assert.equal(failed["code"], "credential-interaction");
    assert.equal(failed["hint"], `Run: az login --tenant ${CLI_TENANT}`);
    await roundTrip(open);
    assert.deepEqual(await describeTree(directory.path), before, "never written");

    emulator.setFaults([]);
    await signInToAz(emulator, directory, ADA);
    using mended = await tunnel.connect();
    await roundTrip(mended);
  });
});
