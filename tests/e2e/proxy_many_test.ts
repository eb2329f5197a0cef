/**
 * Many `bastion proxy` at once, as Ansible starts them: whichever credential is used, all of them
 * together ask for one token, and look up what one of them would.
 */

import assert from "node:assert/strict";
import { loadCloud } from "../../core/azure/load_cloud.ts";
import { createHttpClient } from "../../core/net/http_client.ts";
import type { RunningEmulator } from "../../plugins/emulator/emulator.ts";
import { azureCliUser } from "../helpers/azure_cli_user.ts";
import { CLI_SUBSCRIPTION, CLI_TENANT } from "../helpers/azure_cli_directory.ts";
import { CLIENT_SECRET, type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { NO_CREDENTIAL } from "../helpers/no_credential.ts";
import { runSuccessfully } from "../helpers/run.ts";

const FULL = Deno.env.get("BASTION_TEST_FULL") === "1";
const MANY = FULL ? 100 : 12;
const APP = "0e0e0e0e-0000-4000-8000-0000000000c1";
const ADA = { username: "ada@home.test", password: "ada's pässword" };

const world = {
  tenants: [{ id: CLI_TENANT, name: "Home", domain: "home.test" }],
  subscriptions: [{ id: CLI_SUBSCRIPTION, name: "Dev" }],
  users: [{ userPrincipalName: ADA.username, password: ADA.password, autoApprove: true }],
  servicePrincipals: [{
    tenant: CLI_TENANT,
    clientId: APP,
    clientSecret: CLIENT_SECRET,
    federatedCredentials: [{ issuer: "github" as const, subject: "repo:us/app" }],
  }],
  managedIdentities: [{ clientId: "0e0e0e0e-0000-4000-8000-0000000000d1", tenant: CLI_TENANT }],
};

interface Credential {
  readonly name: string;
  /** Processes at once; {@linkcode MANY} where it is left out. */
  readonly processes?: number;
  /** Signs in, for runs that keep what they have in `state`. */
  prepare(azure: EmulatedAzure, state: string): Promise<{
    readonly args?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** How often a token was asked for; the emulator counts where it is left out. */
    asked?(): number;
  }>;
}

/** A token that is to be renewed already, so that the first that uses the sign-in asks for another. */
async function nearItsEnd<Result>(azure: EmulatedAzure, signIn: () => Promise<Result>) {
  azure.emulator.setAccessTokenLifetime(120);
  const result = await signIn();
  azure.emulator.setAccessTokenLifetime(3600);
  return result;
}

async function signInToAz({ emulator }: EmulatedAzure, state: string): Promise<void> {
  await using directory = await azureCliUser(emulator, ADA);
  await runSuccessfully(["cp", "-R", directory.path, `${state}/azure`]);
}

/** A program that takes its time, notes each run, and prints a token that is good. */
async function slowProgram(azure: EmulatedAzure, path: string) {
  const token = await accessToken(azure.emulator);
  azure.addSecret(token);
  const [answer, runs] = [`${path}-answer`, `${path}-runs`];
  const expires_on = Math.floor(Date.now() / 1000) + 3600;
  await Deno.writeTextFile(answer, JSON.stringify({ accessToken: token, expires_on }));
  const script = `#!/bin/sh\necho run >> '${runs}'\nsleep 1\ncat '${answer}'\n`;
  await Deno.writeTextFile(path, script, { mode: 0o700 });
  return { asked: () => Deno.readTextFileSync(runs).split("\n").length - 1 };
}

async function accessToken(emulator: RunningEmulator): Promise<string> {
  const { authority, audience } = await loadCloud(emulator.cloudFile);
  const http = createHttpClient({ caCerts: [emulator.ca], sources: [] }, () => undefined);
  try {
    const { text } = await http.request({
      method: "POST",
      url: `${authority}/${CLI_TENANT}/oauth2/v2.0/token`,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: APP,
        client_secret: CLIENT_SECRET,
        scope: `${audience}/.default`,
      }).toString(),
    });
    return JSON.parse(text()).access_token;
  } finally {
    http.close();
  }
}

const credentials: readonly Credential[] = [
  { name: "environment", prepare: () => Promise.resolve({}) },
  {
    name: "workload-identity",
    async prepare({ emulator }, state) {
      const file = `${state}/federated-token`;
      await Deno.writeTextFile(file, await emulator.workloadToken("github"));
      const principal = { AZURE_TENANT_ID: CLI_TENANT, AZURE_CLIENT_ID: APP };
      return { env: { ...principal, AZURE_CLIENT_SECRET: "", AZURE_FEDERATED_TOKEN_FILE: file } };
    },
  },
  {
    name: "managed-identity",
    prepare: ({ emulator }) =>
      Promise.resolve({
        env: {
          ...NO_CREDENTIAL,
          AZURE_POD_IDENTITY_AUTHORITY_HOST: emulator.managedIdentity?.imds ?? "",
        },
      }),
  },
  {
    name: "login",
    async prepare(azure, state) {
      const words = ["login", "--use-device-code", "--tenant", CLI_TENANT];
      const env = { ...NO_CREDENTIAL, XDG_STATE_HOME: state };
      const login = await azure.start(words, { env });
      const { code } = await nearItsEnd(azure, () => login.exit(60_000));
      assert.equal(code, 0, login.stderr());
      return { env: NO_CREDENTIAL };
    },
  },
  {
    name: "azure-cli-cache",
    async prepare(azure, state) {
      await nearItsEnd(azure, () => signInToAz(azure, state));
      return { env: { ...NO_CREDENTIAL, AZURE_CONFIG_DIR: `${state}/azure` } };
    },
  },
  {
    name: "azure-cli",
    processes: 4,
    async prepare(azure, state) {
      await signInToAz(azure, state);
      const az = await slowProgram(azure, `${state}/az`);
      const PATH = `${state}:${Deno.env.get("PATH")}`;
      return { ...az, env: { ...NO_CREDENTIAL, AZURE_CONFIG_DIR: `${state}/azure`, PATH } };
    },
  },
  {
    name: "token-command",
    async prepare(azure, state) {
      const path = `${state}/token-program`;
      const program = await slowProgram(azure, path);
      return { ...program, args: ["--token-command", path], env: NO_CREDENTIAL };
    },
  },
];

/** So many at once, from nothing kept: what they have asked for in all. */
async function runProxies(azure: EmulatedAzure, { name, prepare }: Credential, count: number) {
  const state = azure.file(`state-of-${count}`);
  await Deno.mkdir(state, { mode: 0o700 });
  const { args = [], env = {}, asked } = await prepare(azure, state);
  const before = azure.emulator.stats();
  const words = ["proxy", "web1", "--resource-port", "7", "--credential", name, ...args];
  const processes = await Promise.all(Array.from(
    { length: count },
    () =>
      azure.start([...words, "--half-close-grace", "0"], {
        env: { ...env, XDG_STATE_HOME: state },
        stdin: "piped",
        debug: false,
      }),
  ));
  await Promise.all(processes.map(async ({ stdin, output }, i) => {
    const writer = stdin?.getWriter();
    await writer?.write(new TextEncoder().encode(`proxy ${i}.`));
    await output("stdout", new RegExp(`^proxy ${i}\\.$`), 240_000);
    writer?.releaseLock();
  }));
  const after = azure.emulator.stats();
  assert.equal(after.outstandingSessions, count, "all of them are connected at once");
  for (const { stdin } of processes) await stdin?.close();
  for (const { exit } of processes) assert.equal((await exit(60_000)).code, 0);
  await eventually(
    "the end of every session",
    () => azure.emulator.stats().outstandingSessions === 0,
  );
  return {
    tokens: asked?.() ?? after.accessTokensIssued - before.accessTokensIssued,
    lookups: after.armRequests - before.armRequests,
  };
}

for (const credential of credentials) {
  const { name, processes = MANY } = credential;
  Deno.test(`${processes} proxies at once by ${name}: one token, one lookup`, () =>
    withAzure({ ports: { 7: "echo" }, world }, async (azure) => {
      const one = await runProxies(azure, credential, 1);
      assert.equal(one.tokens, 1);
      assert.ok(one.lookups > 0, "the count works");
      assert.deepEqual(await runProxies(azure, credential, processes), one);
    }));
}
