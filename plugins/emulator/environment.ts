/** What a program's environment needs, to meet the emulator in place of Azure. */

import type { Shell } from "./shells.ts";
import type { SshAccess } from "./ssh_machines.ts";

export interface EnvironmentSource {
  readonly endpoint: string;
  readonly caFile: string;
  readonly cloudFile: string;
  readonly controlKey: string;
  readonly principal: {
    readonly tenant: string;
    readonly clientId: string;
    readonly clientSecret?: string;
  };
  readonly subscription: string;
  /** Base address of the metadata service. */
  readonly imds?: string;
  readonly ssh?: SshAccess;
}

/** `env` is the caller's own, of which NO_PROXY is kept and added to. */
export function createEnvironment(
  source: EnvironmentSource,
  env: (name: string) => string | undefined,
): Readonly<Record<string, string>> {
  const { principal, ssh } = source;
  const exempt = env("no_proxy") ?? env("NO_PROXY");
  const noProxy = [...(exempt ? [exempt] : []), "127.0.0.1", "localhost"].join(",");
  return {
    BASTION_CLOUD_FILE: source.cloudFile,
    BASTION_EMULATOR_ENDPOINT: source.endpoint,
    BASTION_EMULATOR_KEY: source.controlKey,
    AZURE_TENANT_ID: principal.tenant,
    AZURE_CLIENT_ID: principal.clientId,
    ...(principal.clientSecret === undefined
      ? {}
      : { AZURE_CLIENT_SECRET: principal.clientSecret }),
    AZURE_SUBSCRIPTION_ID: source.subscription,
    ...(source.imds === undefined ? {} : { AZURE_POD_IDENTITY_AUTHORITY_HOST: source.imds }),
    // The Azure CLI's only way to learn of a CA.
    REQUESTS_CA_BUNDLE: source.caFile,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
    ...(ssh === undefined ? {} : {
      BASTION_EMULATOR_SSH_USER: ssh.username,
      BASTION_EMULATOR_SSH_PASSWORD: ssh.password,
      BASTION_EMULATOR_SSH_KEY: ssh.keyFile,
      BASTION_EMULATOR_SSH_KNOWN_HOSTS: ssh.knownHostsFile,
    }),
  };
}

/** Assignments for `shell` to read, one a line; `pathDirectory` comes to the front of PATH. */
export function printEnvironment(
  shell: Shell,
  environment: Readonly<Record<string, string>>,
  pathDirectory: string,
): string {
  const lines = Object.entries(environment).map(([name, value]) =>
    shell === "sh" ? `export ${name}=${quoteForSh(value)}` : `$env:${name} = ${quoteForPwsh(value)}`
  );
  lines.push(
    shell === "sh"
      ? `export PATH=${quoteForSh(pathDirectory)}:"$PATH"`
      : `$env:PATH = ${quoteForPwsh(pathDirectory)} + [IO.Path]::PathSeparator + $env:PATH`,
  );
  return lines.join("\n");
}

function quoteForSh(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** PowerShell takes the typographic quotes, too, for the end of a string. */
function quoteForPwsh(text: string): string {
  return `'${text.replace(/['‘’‚‛]/g, "$&$&")}'`;
}
