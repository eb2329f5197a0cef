import { azureCliCredential } from "../../core/auth/azure/azure_cli_credential.ts";
import type { CredentialSource } from "../../core/auth/azure/credential.ts";
import { tokenCommandCredential } from "../../core/auth/azure/token_command_credential.ts";
import { createPlatform } from "../../core/platform.ts";
import { azureCliDirectory, CLI_TENANT } from "../helpers/azure_cli_directory.ts";
import { credentialSource } from "../helpers/fake_entra.ts";
import { prepared } from "../helpers/prepared_credential.ts";
import { tempDir } from "../helpers/temp_dir.ts";
import { type Behaviour, credentialContract } from "./credential_contract.ts";

const SECRET = "planted~Secret.value";

/** A program that prints tokens, notes how it was called, and is as slow or rude as it should be. */
async function writeProgram(file: string, log: string, behaviour: Behaviour): Promise<void> {
  const ends = {
    hangs: "sleep 600",
    refuses: `echo "WARNING: old" >&2
      echo "ERROR: AADSTS50076: no. access_token=${SECRET} Trace ID: x" >&2; exit 1`,
  };
  const end = behaviour === "hangs" || behaviour === "refuses" ? ends[behaviour] : `
    n=$(grep -c . '${log}')
    echo "{\\"accessToken\\": \\"token-number-$n\\", \\"expires_on\\": $(($(date +%s) + 3600))}"`;
  await Deno.writeTextFile(log, "");
  await Deno.writeTextFile(
    file,
    `#!/bin/sh\necho "$* $BASTION_TOKEN_TENANT" >> '${log}'\n${end}\n`,
    {
      mode: 0o755,
    },
  );
}

const linesOf = (log: string) => Deno.readTextFileSync(log).split("\n").filter(Boolean);

function onPath(directory: string, others: Record<string, string>): Partial<CredentialSource> {
  const env: Record<string, string> = { PATH: `${directory}:/usr/bin:/bin`, ...others };
  return {
    platform: createPlatform("linux", (name) => env[name]),
    env: (name) => env[name],
  };
}

credentialContract("azure-cli", {
  provider: azureCliCredential,
  refusal: {
    code: "credential-interaction",
    message: /\(ada@contoso\.example\).*AADSTS50076: no|AADSTS50076: no/,
    hint: new RegExp(`az login --tenant ${CLI_TENANT}`),
  },
  async prepare(behaviour) {
    const authority = "https://entra.example";
    const directory = await azureCliDirectory({
      authority,
      ...(behaviour === "other-cloud" ? { cloud: "AzureCloud" } : {}),
      ...(behaviour === "absent" ? { profile: "{}" } : {}),
    });
    const log = directory.file("log");
    await writeProgram(directory.file("az"), log, behaviour);
    const source = credentialSource(
      authority,
      {},
      onPath(directory.path, { AZURE_CONFIG_DIR: directory.path }),
    );
    return prepared(
      {
        source,
        secrets: [SECRET],
        requests: () => linesOf(log).length,
        lastTenant: () => /--tenant (\S+)/.exec(linesOf(log).at(-1) ?? "")?.[1],
      },
      directory,
      source,
    );
  },
});

credentialContract("token-command", {
  provider: tokenCommandCredential,
  refusal: { code: "credential-broken", message: /ended with 1: .*AADSTS50076/, hint: /by itself/ },
  anyCloud: true,
  async prepare(behaviour) {
    const directory = await tempDir();
    const log = directory.file("log");
    await writeProgram(directory.file("get token"), log, behaviour);
    const source = credentialSource("https://entra.example", {}, {
      ...onPath(directory.path, {}),
      ...(behaviour === "absent" ? {} : { tokenCommand: '"get token" --for "some one"' }),
    });
    return prepared(
      {
        source,
        secrets: [SECRET],
        requests: () => linesOf(log).length,
        lastTenant: () => linesOf(log).at(-1)?.split(" ").at(-1),
      },
      directory,
      source,
    );
  },
});
