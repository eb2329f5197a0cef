/** Asks the credential providers in order; the first that is not absent is the user's credential. */

import type { Clock } from "../../clock.ts";
import { bastionError } from "../../errors.ts";
import type { AzureCredential, CredentialProvider, CredentialSource } from "./credential.ts";
import { cached } from "./token_cache.ts";

/**
 * A provider that throws is *broken*: the chain stops there, since going on would sign in as
 * somebody whom the user did not mean.
 * @throws BastionError `credential-missing`, with every provider's reason
 */
export async function chooseCredential(
  providers: Iterable<CredentialProvider>,
  source: CredentialSource,
  clock: Clock,
): Promise<AzureCredential> {
  const absences: string[] = [];
  for (const provider of providers) {
    const credential = await provider.create(source);
    if (!("absent" in credential)) {
      source.log.info("credential", { name: credential.name });
      return cached(credential, clock);
    }
    absences.push(`${provider.name}: ${credential.absent}`);
  }
  throw bastionError("credential-missing", { tried: absences.join("; ") });
}
