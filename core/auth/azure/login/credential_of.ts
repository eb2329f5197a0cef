/** The credential of one sign-in. */

import { bastionError, messageOf } from "../../../errors.ts";
import { readSmallText } from "../../../read_small_text.ts";
import { printable, Secret } from "../../../secret.ts";
import type { PrincipalProof } from "../accounts.ts";
import type { AzureCredential, CredentialSource } from "../credential.ts";
import type { Proof } from "../service_principal.ts";
import type { LoginFile } from "./login_file.ts";
import type { SignIn } from "./login_state.ts";
import { userCredential } from "./user_credential.ts";

/** @throws BastionError `credential-refused` */
export async function credentialOf(
  source: CredentialSource,
  file: LoginFile,
  signIn: SignIn,
): Promise<AzureCredential> {
  switch (signIn.kind) {
    case "user":
      return userCredential(source, file, signIn);
    case "service-principal":
      return await principalCredential(source, signIn);
    case "managed-identity":
      return await identityCredential(source, signIn.clientId);
  }
}

async function principalCredential(
  source: CredentialSource,
  { tenant, clientId: client, proof }: SignIn & { readonly kind: "service-principal" },
): Promise<AzureCredential> {
  const { servicePrincipal } = await import("../service_principal.ts");
  const password = source.env("AZURE_CLIENT_CERTIFICATE_PASSWORD");
  return await servicePrincipal(source, {
    name: `login (service principal ${printable(client, 60)})`,
    tenant,
    client,
    proof: proofOf(proof, password ? new Secret(password) : undefined),
  });
}

function proofOf(proof: PrincipalProof<Secret>, password: Secret | undefined): Proof {
  if ("secret" in proof) return proof;
  if ("certificateFile" in proof) return password ? { ...proof, password } : proof;
  if ("federatedToken" in proof) {
    return { assertion: () => Promise.resolve(proof.federatedToken.reveal()) };
  }
  return { assertion: () => readToken(proof.federatedTokenFile) };
}

async function readToken(file: string): Promise<string> {
  let token: string;
  try {
    token = (await readSmallText(file, 64 * 1024)).trim();
  } catch (error) {
    throw bastionError("file-failed", { file, action: "read", problem: messageOf(error) }, error);
  }
  new Secret(token);
  return token;
}

async function identityCredential(
  source: CredentialSource,
  clientId: string | undefined,
): Promise<AzureCredential> {
  const { managedIdentityCredential } = await import("../managed_identity_credential.ts");
  const found = await managedIdentityCredential.create({
    ...source,
    env: (name) => name === "AZURE_CLIENT_ID" ? clientId : source.env(name),
  });
  if (!("absent" in found)) return { ...found, name: `login (${found.name})` };
  throw bastionError("credential-refused", { credential: "login", reason: found.absent });
}
