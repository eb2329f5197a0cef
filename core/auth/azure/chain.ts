/** Asks the credential providers in order; the first that is not absent is the user's credential. */

import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import { bastionError } from "../../errors.ts";
import { printable } from "../../secret.ts";
import type { AzureCredential, CredentialProvider, CredentialSource } from "./credential.ts";
import { cached } from "./token_cache.ts";
import { tokenStore } from "./token_store.ts";

/**
 * A provider that throws is *broken*: the chain stops there, since going on would sign in as
 * somebody whom the user did not mean. Where `name` (`--credential`) or a token command says who is
 * meant, nobody else is asked.
 * @throws BastionError `credential-missing`, with every provider's reason; `credential-absent`
 */
export async function chooseCredential(
  providers: Iterable<CredentialProvider>,
  source: CredentialSource,
  clock: Clock,
  name: string | undefined = source.tokenCommand ? "token-command" : undefined,
): Promise<AzureCredential> {
  const known = [...providers];
  const chosen = name === undefined ? known : known.filter((provider) => provider.name === name);
  const absences: string[] = [];
  for (const provider of chosen) {
    const credential = await provider.create(source);
    if (!("absent" in credential)) {
      source.log.info("credential", { name: credential.name });
      return kept(credential, provider.name, source, clock);
    }
    const reason = credential.absent;
    if (name !== undefined) {
      throw bastionError("credential-absent", { credential: name, reason });
    }
    absences.push(`${provider.name}: ${reason}`);
  }
  if (name !== undefined) {
    throw bastionError("usage", {
      problem: `There is no Azure credential ${printable(name, 60)}.`,
      remedy: `These are known: ${known.map((provider) => provider.name).join(", ")}.`,
    });
  }
  throw bastionError("credential-missing", { tried: absences.join("; ") });
}

function kept(
  credential: AzureCredential,
  provider: string,
  { cloud, platform, log, memoryOnly }: CredentialSource,
  clock: Clock,
): AzureCredential {
  if (memoryOnly || credential.cacheKey === undefined) return cached(credential, clock);
  return cached(credential, clock, {
    store: tokenStore(join(platform.stateDirectory, "tokens"), platform, clock),
    // Whatever a provider says of itself, it does not get at another's tokens. An emulator's next
    // start may be at the same address, but has a CA of its own.
    key: JSON.stringify([
      provider,
      credential.cacheKey,
      cloud.name,
      cloud.authority,
      cloud.caFile ?? "",
    ]),
    log,
  });
}
