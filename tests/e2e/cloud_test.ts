/** Which cloud: the user's word, the file of one, or what the Azure CLI is set to. */

import assert from "node:assert/strict";
import { startBastion } from "../helpers/bastion_process.ts";
import { withAzure } from "../helpers/emulated_azure.ts";

Deno.test("a cloud that is none of Microsoft's is named on stderr, once a run", async () => {
  await withAzure({}, async ({ emulator, file }) => {
    await using process = await startBastion(["list"], {
      env: { ...emulator.environment, XDG_STATE_HOME: file("state") },
    });
    assert.equal((await process.exit()).code, 0);
    const said = process.stderr().match(/the cloud is Emulator, which is none of Microsoft's/g);
    assert.equal(said?.length, 1);
  });
});

Deno.test("a real account's credential is none for an emulator, and says which cloud it is of", async () => {
  await withAzure({}, async ({ emulator, start, file }) => {
    await Deno.mkdir(file("az"));
    await Deno.writeTextFile(
      file("az", "azureProfile.json"),
      JSON.stringify({
        subscriptions: [{
          id: emulator.world.subscriptions[0]?.id,
          tenantId: emulator.world.subscriptions[0]?.tenant,
          environmentName: "AzureCloud",
          isDefault: true,
          user: { name: "me@example.com", type: "user" },
        }],
      }),
    );
    const process = await start(["list"], {
      env: { AZURE_CONFIG_DIR: file("az"), AZURE_CLIENT_SECRET: "", AZURE_TENANT_ID: "" },
    });
    assert.equal((await process.exit()).code, 4);
    assert.match(process.stderr(), /the Azure CLI is signed in to AzureCloud, not Emulator/);
  });
});

Deno.test("a cloud that nobody knows names the nearest", async () => {
  await withAzure({}, async ({ start }) => {
    const process = await start(["list", "--cloud", "AzureUSGoverment"], { debug: false });
    assert.equal((await process.exit()).code, 3);
    assert.match(process.stderr(), /Did you mean AzureUSGovernment\?/);
  });
});
