/** The Azure CLI's directory, with a user of the emulator's signed in: in a cache that MSAL itself wrote. */

import { PublicClientApplication } from "@azure/msal-node";
import { msalNetwork } from "../../core/auth/azure/login/msal_network.ts";
import { loadCloud } from "../../core/azure/load_cloud.ts";
import { createHttpClient } from "../../core/net/http_client.ts";
import type { RunningEmulator } from "../../plugins/emulator/emulator.ts";
import { azureCliDirectory, CLI_TENANT } from "./azure_cli_directory.ts";
import type { TempDir } from "./temp_dir.ts";

const CLI_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

export interface AzureCliUser {
  readonly username: string;
  readonly password: string;
}

/** As `az login --username` leaves it, in the emulator's cloud; the user is of `CLI_TENANT`. */
export async function azureCliUser(
  emulator: RunningEmulator,
  user: AzureCliUser,
): Promise<TempDir> {
  const { authority, resourceManager } = await loadCloud(emulator.cloudFile);
  const directory = await azureCliDirectory({
    authority,
    user: { name: user.username, type: "user" },
  });
  await Deno.writeTextFile(
    directory.file("clouds.config"),
    `[Test]\nendpoint_active_directory = ${authority}\n` +
      `endpoint_resource_manager = ${resourceManager}\n`,
  );
  await signInToAz(emulator, directory, user);
  return directory;
}

/** Replaces the tokens in the cache. */
export async function signInToAz(
  emulator: RunningEmulator,
  directory: TempDir,
  { username, password }: AzureCliUser,
): Promise<void> {
  const { authority, audience } = await loadCloud(emulator.cloudFile);
  const http = createHttpClient({ caCerts: [emulator.ca], sources: [] }, () => undefined);
  try {
    const client = new PublicClientApplication({
      auth: {
        clientId: CLI_CLIENT,
        authority: `${authority}/${CLI_TENANT}`,
        knownAuthorities: [new URL(authority).host],
      },
      system: { networkClient: msalNetwork(http, {}) },
    });
    await client.acquireTokenByUsernamePassword({
      scopes: [`${audience}/.default`],
      username,
      password,
    });
    const cache = client.getTokenCache().serialize();
    await Deno.writeTextFile(directory.file("msal_token_cache.json"), cache, { mode: 0o600 });
  } finally {
    http.close();
  }
}
