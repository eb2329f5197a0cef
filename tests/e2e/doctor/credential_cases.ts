/** What is wrong with who the user is in Azure. */

import assert from "node:assert/strict";
import type { EmulatedAzure } from "../../helpers/emulated_azure.ts";
import { type Broken, type DoctorCase, HOST, SUBSCRIPTION, VM } from "./doctor_case.ts";

const OTHER_TENANT = "44444444-4444-4444-8444-444444444444";
const NO_SUBSCRIPTION = "0e0e0e0e-0000-4000-8000-00000000dead";

/** A world with one user, who is in so many groups. */
const inGroups = (groups: number) => ({
  world: { users: [{ userPrincipalName: "dan@home.test", password: "not-a-secret", groups }] },
});

/** Has the program take that user's token. */
async function byUser({ azure }: Broken) {
  return await tokenCommand(azure, await userToken(azure));
}

async function tokenCommand(azure: EmulatedAzure, output: string) {
  const file = azure.file("token");
  await Deno.writeTextFile(file, output);
  return { BASTION_TOKEN_COMMAND: `cat ${file}` };
}

/** Entra's answer, as it is. */
async function userToken({ emulator }: EmulatedAzure): Promise<string> {
  const [tenant] = emulator.world.tenants;
  using client = Deno.createHttpClient({ caCerts: [emulator.ca] });
  const response = await fetch(`${emulator.endpoint}/${tenant?.id}/oauth2/v2.0/token`, {
    client,
    method: "POST",
    body: new URLSearchParams({
      grant_type: "password",
      client_id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
      scope: "https://management.emulator.test/.default",
      username: "dan@home.test",
      password: "not-a-secret",
    }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return text;
}

export const credentialCases: readonly DoctorCase[] = [
  {
    what: "no credential at all",
    env: () => ({ AZURE_CLIENT_SECRET: "", PATH: "/nonexistent" }),
    check: "credential",
    code: "credential-missing",
    says: /environment: .*AZURE_CLIENT_SECRET.*; login: .*azure-cli/s,
    remedy: /bastion login/,
    exit: 4,
    skips: ["token", "token-size", "subscription", "target", "reader-host", "pim", "session"],
  },
  {
    what: "a credential that Entra refuses",
    env: () => ({ AZURE_CLIENT_ID: "0e0e0e0e-0000-4000-8000-00000000dead" }),
    check: "token",
    code: "credential-refused",
    says: /refused the credential/,
    remedy: /client id/,
    exit: 4,
    skips: ["token-size", "subscription", "target"],
  },
  {
    what: "tokens that end soon",
    azure: { world: { accessTokenLifetime: 120 } },
    check: "token",
    status: "warn",
    says: /good for [0-2] min/,
    remedy: /renew/,
    exit: 0,
  },
  {
    what: "a program that gives out a token which has ended",
    env: ({ azure }) =>
      tokenCommand(
        azure,
        JSON.stringify({ accessToken: "e30.e30.ended", expires_on: 1_767_225_600 }),
      ),
    check: "token",
    code: "token-expired",
    says: /token of token-command \(cat\) has ended already, at 2026-01-01 00:00 UTC/,
    remedy: /Sign in anew.*clock/,
    exit: 4,
    skips: ["token-size", "tenant", "subscription", "target", "session"],
  },
  {
    what: "a user in so many groups that the token is too large",
    azure: inGroups(180),
    env: byUser,
    check: "token-size",
    code: "token-oversized",
    says: /\d{4,5} bytes, 180 groups/,
    remedy: /groups/,
    exit: 4,
    more: ({ check }) => {
      assert.equal(check("session").code, "token-oversized");
      assert.match(check("session").found, /HTTP 400/);
      assert.match(check("session").remedy ?? "", /fewer groups/);
    },
  },
  {
    what: "a user in so many groups that the token is nearly too large",
    azure: inGroups(120),
    env: byUser,
    check: "token-size",
    status: "warn",
    says: /\d{4} bytes, 120 groups/,
    remedy: /more Entra groups/,
    exit: 0,
  },
  {
    what: "a credential of another tenant than the subscription's",
    azure: { world: { subscriptions: [{ id: SUBSCRIPTION, name: "S", tenant: OTHER_TENANT }] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "tenant",
    code: "tenant-mismatch",
    says: new RegExp(`belongs to tenant ${OTHER_TENANT}`),
    remedy: new RegExp(`bastion login --tenant ${OTHER_TENANT}`),
    exit: 4,
  },
  {
    what: "a credential without any role",
    azure: { world: { roles: [] } },
    check: "subscription",
    code: "subscription-none",
    says: /sees no subscription/,
    remedy: /Reader/,
    exit: 5,
  },
  {
    what: "a subscription that this credential does not see",
    words: ["--target-resource-id", VM, "--bastion", HOST, "--subscription", NO_SUBSCRIPTION],
    check: "subscription",
    status: "warn",
    says: new RegExp(`1 seen: .*; not among them: ${NO_SUBSCRIPTION}`),
    remedy: /another tenant/,
    exit: 0,
  },
];
