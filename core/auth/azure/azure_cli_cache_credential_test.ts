import assert from "node:assert/strict";
import {
  azureCliDirectory,
  CLI_PRINCIPAL,
  CLI_SUBSCRIPTION,
  CLI_TENANT,
  userFields,
  writeUserCache,
} from "../../../tests/helpers/azure_cli_directory.ts";
import { credentialSource, fakeEntra, tokenAnswer } from "../../../tests/helpers/fake_entra.ts";
import type { TempDir } from "../../../tests/helpers/temp_dir.ts";
import { testCertificate } from "../../../tests/helpers/test_certificate.ts";
import { createPlatform } from "../../platform.ts";
import { azureCliCacheCredential } from "./azure_cli_cache_credential.ts";
import type { AzureCredential, CredentialSource } from "./credential.ts";

const SCOPE = "https://management.example/.default";

async function present(source: CredentialSource): Promise<AzureCredential> {
  const credential = await azureCliCacheCredential.create(source);
  if ("absent" in credential) throw new Error(credential.absent);
  return credential;
}

/** Every file's text and time of change. */
function stateOf(directory: TempDir): unknown {
  return [...Deno.readDirSync(directory.path)].map(({ name }) => [
    name,
    Deno.readTextFileSync(directory.file(name)),
    Deno.statSync(directory.file(name)).mtime,
  ]);
}

Deno.test("azure-cli-cache: a user's tokens are read and redeemed; nothing is written", async () => {
  await using entra = fakeEntra({
    token: (_form, count) =>
      tokenAnswer(count, { ...userFields(`refresh-number-${count}`), expires_in: 3600 }),
  });
  await using directory = await azureCliDirectory({ authority: entra.authority });
  await writeUserCache(directory, entra);
  const before = stateOf(directory);
  using source = credentialSource(entra.authority, { AZURE_CONFIG_DIR: directory.path });
  const credential = await present(source);
  assert.equal(credential.tenant, CLI_TENANT);
  assert.equal(credential.subscription, CLI_SUBSCRIPTION);
  assert.equal((await credential.getToken(SCOPE)).token.reveal(), "token-number-1");
  assert.equal(entra.forms.length, 1, "az's own access token is good");

  await credential.getToken("https://another.example/.default");
  const form = entra.forms.at(-1);
  assert.deepEqual(
    [form?.get("grant_type"), form?.get("refresh_token"), form?.get("client_id")],
    ["refresh_token", "refresh-number-1", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"],
  );
  assert.match(form?.get("scope") ?? "", /^https:\/\/another\.example\/\.default /);
  assert.ok(entra.paths.includes(`POST /${CLI_TENANT}/oauth2/v2.0/token`));

  // An hour later az's own has ended.
  const later = new Date(Date.now() + 3_600_000);
  using late = { ...source, clock: { ...source.clock, date: () => later } };
  assert.equal((await (await present(late)).getToken(SCOPE)).token.reveal(), "token-number-3");
  assert.deepEqual(stateOf(directory), before);
});

Deno.test("azure-cli-cache: who has signed out of az since is told so", async () => {
  await using entra = fakeEntra({ token: (_form, count) => tokenAnswer(count, userFields("r")) });
  await using directory = await azureCliDirectory({ authority: entra.authority });
  await writeUserCache(directory, entra);
  using source = credentialSource(entra.authority, { AZURE_CONFIG_DIR: directory.path });
  const credential = await present(source);
  await Deno.writeTextFile(directory.file("msal_token_cache.json"), "{}");
  await assert.rejects(credential.getToken(SCOPE, { tenant: "t1" }), {
    code: "credential-interaction",
    hint: /az login --tenant t1/,
  });
});

Deno.test("azure-cli-cache: left alone where that is wanted, and where it cannot be read", async () => {
  await using entra = fakeEntra({ token: (_form, count) => tokenAnswer(count, userFields("r")) });
  await using directory = await azureCliDirectory({ authority: entra.authority });
  await writeUserCache(directory, entra);
  const env = { AZURE_CONFIG_DIR: directory.path };
  const cases: [env: Record<string, string>, others: Partial<CredentialSource>, why?: RegExp][] = [
    [env, {}],
    [env, { leaveAzCache: true }, /left alone/],
    [env, { platform: createPlatform("windows", () => undefined) }, /encrypts/],
  ];
  for (const [variables, others, why] of cases) {
    using source = credentialSource(entra.authority, variables, others);
    const found = await azureCliCacheCredential.create(source);
    if (why === undefined) assert.ok(!("absent" in found));
    else assert.match("absent" in found ? found.absent : "", why);
  }
});

Deno.test("azure-cli-cache: a service principal's certificate, and a federated token", async () => {
  await using entra = fakeEntra({ token: (_form, count) => tokenAnswer(count) });
  await using directory = await azureCliDirectory({
    authority: entra.authority,
    user: { name: CLI_PRINCIPAL, type: "servicePrincipal" },
  });
  const { key, certificate } = await testCertificate({ rsa: true });
  await Deno.writeTextFile(directory.file("client.pem"), key + certificate);
  using source = credentialSource(entra.authority, { AZURE_CONFIG_DIR: directory.path });
  const entries = [
    { certificate: directory.file("client.pem"), use_cert_sn_issuer: "true" },
    { client_assertion: "a-federated-token" },
  ];
  const proofs: (string | null | undefined)[] = [];
  for (const entry of entries) {
    await Deno.writeTextFile(
      directory.file("service_principal_entries.json"),
      JSON.stringify([{ client_id: CLI_PRINCIPAL, tenant: CLI_TENANT, ...entry }]),
    );
    const credential = await present(source);
    assert.equal(credential.subscription, CLI_SUBSCRIPTION);
    await credential.getToken(SCOPE);
    proofs.push(entra.forms.at(-1)?.get("client_assertion"));
  }
  assert.match(proofs[0] ?? "", /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.equal(proofs[1], "a-federated-token");
});
