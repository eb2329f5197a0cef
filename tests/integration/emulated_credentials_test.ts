/** Every way of signing in that the emulator knows, by the whole chain, to a token that is taken. */

import assert from "node:assert/strict";
import { builtInCredentials } from "../../core/auth/azure/built_in_credentials.ts";
import { chooseCredential } from "../../core/auth/azure/chain.ts";
import type { AzureCredential } from "../../core/auth/azure/credential.ts";
import { loadCloud } from "../../core/azure/load_cloud.ts";
import { systemClock } from "../../core/clock.ts";
import { createLogger } from "../../core/logger.ts";
import { createHttpClient } from "../../core/net/http_client.ts";
import { createPlatform } from "../../core/platform.ts";
import { type RunningEmulator, startEmulator } from "../../plugins/emulator/emulator.ts";
import { CLI_TENANT } from "../helpers/azure_cli_directory.ts";
import { azureCliUser } from "../helpers/azure_cli_user.ts";
import { type TempDir, tempDir } from "../helpers/temp_dir.ts";

const APP = "0e0e0e0e-0000-4000-8000-0000000000c1";
const PIPELINE_APP = "0e0e0e0e-0000-4000-8000-0000000000c2";
const IDENTITY = "0e0e0e0e-0000-4000-8000-0000000000d1";
const USER = "ada@home.test";
const world = {
  tenants: [{ id: CLI_TENANT, name: "Home", domain: "home.test" }],
  users: [{ userPrincipalName: USER, password: "ada's password" }],
  servicePrincipals: [
    {
      tenant: CLI_TENANT,
      clientId: APP,
      clientSecret: "the app's secret",
      federatedCredentials: [{ issuer: "github" as const, subject: "repo:us/app" }],
    },
    {
      tenant: CLI_TENANT,
      clientId: PIPELINE_APP,
      federatedCredentials: [{ issuer: "azure-pipelines" as const, subject: "sc://us/app/azure" }],
    },
  ],
  managedIdentities: [{ clientId: IDENTITY, tenant: CLI_TENANT }],
};

interface SignedIn extends Disposable {
  readonly credential: AzureCredential;
  /** What Resource Manager says to the token. */
  use(fresh?: boolean): Promise<number>;
}

async function signIn(
  emulator: RunningEmulator,
  home: TempDir,
  variables: Readonly<Record<string, string>>,
): Promise<SignedIn> {
  const all: Record<string, string> = { HOME: home.path, ...variables };
  const env = (name: string) => all[name];
  const http = createHttpClient({ caCerts: [emulator.ca], sources: [] }, () => undefined);
  const cloud = await loadCloud(emulator.cloudFile);
  const credential = await chooseCredential(builtInCredentials, {
    cloud,
    http,
    log: createLogger("test", () => {}),
    clock: systemClock,
    platform: createPlatform("linux", env),
    memoryOnly: false,
    env,
  }, systemClock);
  return {
    credential,
    async use(fresh = false) {
      const { token } = await credential.getToken(`${cloud.audience}/.default`, { fresh });
      const { status } = await http.request({
        method: "GET",
        url: `${cloud.resourceManager}/subscriptions?api-version=2022-12-01`,
        headers: { Authorization: `Bearer ${token.reveal()}` },
      });
      return status;
    },
    [Symbol.dispose]: () => http.close(),
  };
}

Deno.test("the emulator takes the tokens of every kind of credential", async () => {
  await using emulator = await startEmulator({ world, env: () => undefined });
  await using home = await tempDir();
  const principal = { AZURE_TENANT_ID: CLI_TENANT, AZURE_CLIENT_ID: APP };
  await Deno.writeTextFile(home.file("token"), await emulator.workloadToken("github"));
  const imds = emulator.managedIdentity?.imds ?? "";
  const cases: [env: Readonly<Record<string, string>>, name: RegExp][] = [
    [{ ...principal, AZURE_CLIENT_SECRET: "the app's secret" }, /^environment \(/],
    [
      { AZURE_TENANT_ID: "adfs", AZURE_CLIENT_ID: APP, AZURE_CLIENT_SECRET: "the app's secret" },
      /^environment \(/,
    ],
    [
      { ...principal, AZURE_FEDERATED_TOKEN_FILE: home.file("token") },
      /^workload-identity \(token file/,
    ],
    [
      { ...principal, ...emulator.workloadEnvironment("github") },
      /^workload-identity \(GitHub/,
    ],
    [emulator.workloadEnvironment("azure-pipelines"), /^workload-identity \(Azure Pipelines/],
    [{ AZURE_POD_IDENTITY_AUTHORITY_HOST: imds }, /^managed-identity \(this computer's\)/],
    [
      { AZURE_POD_IDENTITY_AUTHORITY_HOST: imds, AZURE_CLIENT_ID: IDENTITY },
      new RegExp(`^managed-identity \\(client ${IDENTITY}`),
    ],
  ];
  // MSAL looks at the process's own environment.
  Deno.env.set("AZURE_POD_IDENTITY_AUTHORITY_HOST", imds);
  try {
    for (const [env, name] of cases) {
      using signedIn = await signIn(emulator, home, env);
      assert.match(signedIn.credential.name, name);
      assert.equal(await signedIn.use(), 200, signedIn.credential.name);
      assert.equal(await signedIn.use(true), 200, signedIn.credential.name);
    }
  } finally {
    Deno.env.delete("AZURE_POD_IDENTITY_AUTHORITY_HOST");
  }
});

Deno.test("az's user is ours, until Entra takes the sign-in back", async () => {
  await using emulator = await startEmulator({ world, env: () => undefined });
  await using home = await tempDir();
  const user = { username: USER, password: "ada's password" };
  await using directory = await azureCliUser(emulator, user);
  const before = await Deno.readTextFile(directory.file("msal_token_cache.json"));
  using signedIn = await signIn(emulator, home, { AZURE_CONFIG_DIR: directory.path });
  assert.equal(signedIn.credential.name, `azure-cli-cache (${USER})`);
  assert.equal(await signedIn.use(), 200);
  assert.equal(await signedIn.use(true), 200);

  emulator.setUser({ userPrincipalName: USER, revoked: true });
  await assert.rejects(signedIn.use(true), {
    code: "credential-interaction",
    message: /AADSTS50173/,
    hint: new RegExp(`az login --tenant ${CLI_TENANT}`),
  });
  // What is connected goes on with what it has.
  assert.equal(await signedIn.use(), 200);
  assert.equal(await Deno.readTextFile(directory.file("msal_token_cache.json")), before);
});
