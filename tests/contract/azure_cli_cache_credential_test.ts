import { azureCliCacheCredential } from "../../core/auth/azure/azure_cli_cache_credential.ts";
import {
  azureCliDirectory,
  CLI_PRINCIPAL,
  CLI_TENANT,
  userFields,
  writeUserCache,
} from "../helpers/azure_cli_directory.ts";
import { credentialSource, fakeEntra, tokenAnswer } from "../helpers/fake_entra.ts";
import { entraThat, lastTenantOf, prepared } from "../helpers/prepared_credential.ts";
import { credentialContract } from "./credential_contract.ts";

const SECRET = "planted~Secret.value";

credentialContract("azure-cli-cache (user)", {
  provider: azureCliCacheCredential,
  refusal: {
    code: "credential-interaction",
    message: /AADSTS50076: no/,
    hint: new RegExp(`az login --tenant ${CLI_TENANT}`),
  },
  async prepare(behaviour) {
    await using signedIn = fakeEntra({
      token: (_form, count) => tokenAnswer(count, userFields("planted-refresh-token")),
    });
    const before = await azureCliDirectory({ authority: signedIn.authority });
    await writeUserCache(before, signedIn);
    const cache = await Deno.readTextFile(before.file("msal_token_cache.json"));
    await before[Symbol.asyncDispose]();
    const entra = entraThat(behaviour, "interaction_required");
    const directory = await azureCliDirectory({
      authority: entra.authority,
      ...(behaviour === "other-cloud" ? { cloud: "AzureCloud" } : {}),
    });
    // As if it had been written at this address.
    const { host: old } = new URL(signedIn.authority);
    const { host } = new URL(entra.authority);
    if (behaviour !== "absent") {
      await Deno.writeTextFile(
        directory.file("msal_token_cache.json"),
        cache.replaceAll(old, host).replace("token-number-1", "token-number-0"),
      );
    }
    const source = credentialSource(entra.authority, { AZURE_CONFIG_DIR: directory.path });
    const secrets = ["planted-refresh-token"];
    const requests = () => entra.forms.length;
    const lastTenant = lastTenantOf(entra);
    return prepared({ source, secrets, requests, lastTenant }, directory, entra, source);
  },
  firstToken: "token-number-0",
});

credentialContract("azure-cli-cache (service principal)", {
  provider: azureCliCacheCredential,
  refusal: { code: "credential-refused", message: /AADSTS50076: no/, hint: /secret/ },
  async prepare(behaviour) {
    const entra = entraThat(behaviour, "invalid_client");
    const directory = await azureCliDirectory({
      authority: entra.authority,
      user: { name: CLI_PRINCIPAL, type: "servicePrincipal" },
      ...(behaviour === "other-cloud" ? { cloud: "AzureCloud" } : {}),
    });
    const entry = { client_id: CLI_PRINCIPAL, tenant: CLI_TENANT, client_secret: SECRET };
    await Deno.writeTextFile(
      directory.file("service_principal_entries.json"),
      JSON.stringify(behaviour === "absent" ? [] : [{ client_id: "another" }, entry]),
    );
    const source = credentialSource(entra.authority, { AZURE_CONFIG_DIR: directory.path });
    const requests = () => entra.forms.length;
    const lastTenant = lastTenantOf(entra);
    return prepared(
      { source, secrets: [SECRET], requests, lastTenant },
      directory,
      entra,
      source,
    );
  },
});
