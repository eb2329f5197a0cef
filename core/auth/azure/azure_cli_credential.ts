/** The Azure CLI, started for each token: slow, but it knows every way of signing in that az does. */

import { bastionError } from "../../errors.ts";
import { findProgram } from "../../find_program.ts";
import { type ProgramRunner, programRunner } from "../../run_program.ts";
import { printable } from "../../secret.ts";
import { readAzureCliProfile } from "./azure_cli_profile.ts";
import type { CredentialProvider, TokenOptions } from "./credential.ts";
import { readTokenOutput } from "./token_output.ts";

export const azureCliCredential: CredentialProvider = {
  name: "azure-cli",
  async create(source) {
    const program = await findProgram("az", source.platform);
    if (!program) return { absent: "there is no az on PATH" };
    const profile = await readAzureCliProfile(source);
    if ("absent" in profile) return profile;
    const { user, tenant: home, directory, subscription } = profile;
    const name = `azure-cli (${printable(user.name, 80)})`;
    const run = programRunner(source.platform, source.clock);
    return {
      name,
      cacheKey: ["azure-cli", directory, user.name].join(" "),
      tenant: home,
      ...(subscription ? { subscription } : {}),
      getToken: (scope, options = {}) =>
        askAz(run, program, { name, home, scope, options }, source),
    };
  },
};

interface Asked {
  readonly name: string;
  readonly home: string;
  readonly scope: string;
  readonly options: TokenOptions;
}

async function askAz(
  run: ProgramRunner,
  program: string,
  { name, home, scope, options: { signal, tenant = home } }: Asked,
  { clock }: { readonly clock: { date(): Date } },
) {
  // az refuses a tenant beside some sign-ins, a managed identity's for one.
  const other = tenant === home ? [] : ["--tenant", tenant];
  const args = ["account", "get-access-token", "--output", "json", "--scope", scope, ...other];
  const { code, stdout, stderr } = await run([program, ...args], signal ? { signal } : {});
  const token = code === 0 ? readTokenOutput(stdout, clock.date().getTime()) : undefined;
  if (token) return token;
  const reason = saidBy(stderr) || `it ended with ${code} and printed no token`;
  if (/AADSTS(50|65|70)\d+|az login|interaction_required/.test(stderr)) {
    const command = `az login --tenant ${printable(tenant, 80)}`;
    throw bastionError("credential-interaction", { credential: name, reason, command });
  }
  throw bastionError("credential-broken", {
    credential: name,
    problem: reason,
    remedy: `See what it says by itself: az account get-access-token --scope ${scope}`,
  });
}

/** The line that az gives the error in, without what follows for developers. */
function saidBy(stderr: string): string {
  const lines = stderr.split(/\r?\n/).filter((line) => line.trim() !== "");
  const line = lines.find((one) => /^ERROR: /.test(one)) ?? lines.at(-1) ?? "";
  return printable(line.replace(/^ERROR: /, "").split(/\s+Trace ID:/, 1)[0] ?? "")
    .replace(/\.$/, "");
}
