/** The core's credential providers, in the order in which they are asked. */

import { azureCliCacheCredential } from "./azure_cli_cache_credential.ts";
import { azureCliCredential } from "./azure_cli_credential.ts";
import type { CredentialProvider } from "./credential.ts";
import { environmentCredential } from "./environment_credential.ts";
import { loginProvider } from "./login/login_provider.ts";
import { managedIdentityCredential } from "./managed_identity_credential.ts";
import { tokenCommandCredential } from "./token_command_credential.ts";
import { workloadIdentityCredential } from "./workload_identity_credential.ts";

export const builtInCredentials: readonly CredentialProvider[] = [
  // What somebody has set for this very shell or job is meant.
  environmentCredential,
  workloadIdentityCredential,
  // Then whoever signed in to this program,
  loginProvider,
  // and to az: by its files where they can be read, which is a hundred times quicker.
  azureCliCacheCredential,
  azureCliCredential,
  // After all that files tell: it is the network that has to be asked.
  managedIdentityCredential,
  // Asked for by its option, and then the only one.
  tokenCommandCredential,
];
