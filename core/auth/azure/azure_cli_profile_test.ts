import assert from "node:assert/strict";
import {
  azureCliDirectory,
  type AzureCliOptions,
  CLI_SUBSCRIPTION,
  CLI_TENANT,
  CLI_USER,
} from "../../../tests/helpers/azure_cli_directory.ts";
import { credentialSource } from "../../../tests/helpers/fake_entra.ts";
import { publicCloud } from "../../azure/clouds.ts";
import type { CredentialSource } from "./credential.ts";
import { readAzureCliProfile } from "./azure_cli_profile.ts";

const authority = "https://entra.example:8443";

async function read(
  options: Partial<AzureCliOptions>,
  env: Record<string, string> = {},
  others: Partial<CredentialSource> = {},
  change = async (_directory: string) => {},
) {
  await using directory = await azureCliDirectory({ authority, ...options });
  await change(directory.path);
  using source = credentialSource(
    authority,
    { AZURE_CONFIG_DIR: directory.path, ...env },
    others,
  );
  const { directory: _directory, ...profile } = await readAzureCliProfile(source)
    .then((found) => "absent" in found ? { directory: "", ...found } : found);
  return profile;
}

const signedIn = {
  user: { name: CLI_USER, kind: "user" },
  tenant: CLI_TENANT,
  subscription: CLI_SUBSCRIPTION,
};

Deno.test("readAzureCliProfile: the default subscription of the active cloud", async () => {
  assert.deepEqual(await read({}), signedIn);
  const cloud = { ...publicCloud };
  assert.deepEqual(await read({ cloud: "AzureCloud" }, {}, { cloud }), signedIn);
  // AZURE_CLOUD_NAME goes before the file.
  assert.match(
    JSON.stringify(await read({ cloud: "AzureCloud" }, { AZURE_CLOUD_NAME: "Test" }, { cloud })),
    /signed in to Test, not AzureCloud/,
  );
});

Deno.test("readAzureCliProfile: whose sign-in it is", async () => {
  const kinds: [AzureCliOptions["user"], string][] = [
    [{ name: "u", type: "user" }, "user"],
    [{ name: "p", type: "servicePrincipal" }, "service-principal"],
    [
      {
        name: "systemAssignedIdentity",
        type: "servicePrincipal",
        more: { assignedIdentityInfo: "MSI" },
      },
      "identity",
    ],
    [{ name: "u", type: "user", more: { cloudShellID: true } }, "identity"],
  ];
  for (const [user, kind] of kinds) {
    const profile = await read(user ? { user } : {});
    assert.ok("user" in profile);
    assert.equal(profile.user.kind, kind);
  }
});

Deno.test("readAzureCliProfile: an account of another cloud reaches nobody's emulator", async () => {
  const emulator = { name: "AzureCloud", authority, resourceManager: authority, audience: "" };
  const cases: [options: Partial<AzureCliOptions>, cloud: CredentialSource["cloud"]][] = [
    // One that only calls itself like a cloud of Microsoft's.
    [{ cloud: "AzureCloud" }, emulator],
    // The same authority, another Resource Manager.
    [{ cloud: "Test" }, { ...emulator, name: "Test" }],
    [{ cloud: "Test" }, publicCloud],
    [{ cloud: "AzureUSGovernment" }, publicCloud],
  ];
  for (const [options, cloud] of cases) {
    const profile = await read(options, {}, { cloud });
    assert.ok("absent" in profile, JSON.stringify(options));
    assert.match(profile.absent, /^the Azure CLI is signed in to \w+, not \w+$/);
  }
  // Somebody has given AzureCloud another authority.
  const profile = await read(
    { cloud: "AzureCloud" },
    {},
    { cloud: publicCloud },
    (directory) =>
      Deno.writeTextFile(
        `${directory}/clouds.config`,
        "[AzureCloud]\nendpoint_active_directory = https://elsewhere.example\n",
      ),
  );
  assert.ok("absent" in profile);
});

Deno.test("readAzureCliProfile: what is missing or damaged is an absence", async () => {
  const cases: [profile: string, absent: RegExp][] = [
    ["", /nobody is signed in to the Azure CLI/],
    ["{", /nobody is signed in to the Azure CLI/],
    ["[]", /nobody is signed in to Test/],
    ['{"subscriptions":[]}', /nobody is signed in to Test/],
    ['{"subscriptions":[1,{"environmentName":"Test"}]}', /no default subscription/],
    [
      '{"subscriptions":[{"environmentName":"Test","isDefault":true,"id":"x"}]}',
      /cannot be read/,
    ],
  ];
  for (const [profile, absent] of cases) {
    const found = await read({ profile });
    assert.ok("absent" in found, profile);
    assert.match(found.absent, absent);
  }
  const nowhere = await read({}, { AZURE_CONFIG_DIR: "/nowhere/at/all" });
  assert.ok("absent" in nowhere);
});
