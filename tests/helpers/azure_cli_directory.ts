/** A directory as the Azure CLI leaves it (`~/.azure`), with a user's cache that MSAL itself wrote. */

import { PublicClientApplication } from "@azure/msal-node";
import { createHttpClient } from "../../core/net/http_client.ts";
import { msalNetwork } from "../../core/auth/azure/login/msal_network.ts";
import type { FakeEntra } from "./fake_entra.ts";
import { type TempDir, tempDir } from "./temp_dir.ts";

export const CLI_TENANT = "11111111-2222-3333-4444-555555555555";
export const CLI_SUBSCRIPTION = "99999999-2222-3333-4444-555555555555";
export const CLI_USER = "ada@contoso.example";
export const CLI_PRINCIPAL = "66666666-7777-8888-9999-000000000000";
const CLI_CLIENT = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

export interface AzureCliOptions {
  readonly authority: string;
  /** The active cloud; one that the CLI does not know by itself has its endpoints written down. */
  readonly cloud?: string;
  readonly user?: { readonly name: string; readonly type: string; readonly more?: unknown };
  /** In place of the profile. */
  readonly profile?: string;
}

/** Where the CLI has signed somebody in to `Test`, the cloud of `credentialSource`. */
export async function azureCliDirectory(
  { authority, cloud = "Test", user = { name: CLI_USER, type: "user" }, profile }: AzureCliOptions,
): Promise<TempDir> {
  const directory = await tempDir();
  const { name, type, more = {} } = user;
  const subscription = (id: string, isDefault: boolean, environmentName: string) => ({
    id,
    name: `subscription ${id.slice(0, 4)}`,
    state: "Enabled",
    user: { name, type, ...(more as Record<string, unknown>) },
    isDefault,
    tenantId: CLI_TENANT,
    environmentName,
    homeTenantId: CLI_TENANT,
    managedByTenants: [],
  });
  const subscriptions = [
    subscription("00000000-0000-0000-0000-00000000000a", true, "Elsewhere"),
    subscription("00000000-0000-0000-0000-00000000000b", false, cloud),
    subscription(CLI_SUBSCRIPTION, true, cloud),
  ];
  // The CLI writes it with a byte order mark.
  const text = profile ?? `\uFEFF${JSON.stringify({ installationId: "x", subscriptions })}`;
  await Deno.writeTextFile(directory.file("azureProfile.json"), text);
  await Deno.writeTextFile(
    directory.file("config"),
    `[core]\nfirst_run = yes\n\n[cloud]\nname = ${cloud}\n`,
  );
  await Deno.writeTextFile(
    directory.file("clouds.config"),
    [
      "[AzureCloud]",
      `subscription = ${CLI_SUBSCRIPTION}`,
      "",
      "[Test]",
      "endpoint_resource_manager = https://management.example/",
      `endpoint_active_directory = ${authority}/`,
      "profile = latest",
      "",
    ].join("\n"),
  );
  return directory;
}

/** Signs `CLI_USER` in at `entra`, as the CLI's own library does, and keeps what that keeps. */
export async function writeUserCache(directory: TempDir, entra: FakeEntra): Promise<void> {
  const http = createHttpClient({ caCerts: [entra.ca], sources: [] }, () => undefined);
  try {
    const client = new PublicClientApplication({
      auth: {
        clientId: CLI_CLIENT,
        authority: `${entra.authority}/${CLI_TENANT}`,
        knownAuthorities: [new URL(entra.authority).host],
      },
      system: { networkClient: msalNetwork(http, {}) },
    });
    await client.acquireTokenByRefreshToken({
      refreshToken: "the-one-before",
      scopes: ["https://management.example/.default"],
      forceCache: true,
    });
    await Deno.writeTextFile(
      directory.file("msal_token_cache.json"),
      client.getTokenCache().serialize(),
      { mode: 0o600 },
    );
  } finally {
    http.close();
  }
}

/** What Entra adds to a user's token. */
export function userFields(refreshToken: string): Record<string, string> {
  const encode = (part: unknown) =>
    new TextEncoder().encode(JSON.stringify(part)).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    });
  const claims = {
    aud: CLI_CLIENT,
    oid: "0a0a0a0a-2222-3333-4444-555555555555",
    tid: CLI_TENANT,
    preferred_username: CLI_USER,
    ver: "2.0",
  };
  return {
    scope: "https://management.example/user_impersonation https://management.example/.default",
    refresh_token: refreshToken,
    id_token: `${encode({ alg: "none" })}.${encode(claims)}.x`,
    client_info: encode({ uid: claims.oid, utid: claims.tid }),
  };
}
