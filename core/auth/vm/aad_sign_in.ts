/** `--auth-type aad`: a certificate of an hour from Microsoft Entra (PROTOCOL §7). */

import { Buffer } from "node:buffer";
import { createHash, generateKeyPair, type JsonWebKey as NodeJwk } from "node:crypto";
import { promisify } from "node:util";
import type { Cloud } from "../../azure/cloud.ts";
import { bastionError } from "../../errors.ts";
import { printable, Secret } from "../../secret.ts";
import { readSshCertificate } from "./ssh_certificate.ts";
import type { VmSignInProvider } from "./sign_in.ts";

/** Entra signs no other kind of key. */
const KEY = { modulusLength: 2048 } as const;

export function createAadSignIn(cloud: () => Promise<Cloud>): VmSignInProvider {
  return {
    name: "aad",
    async signIn({ user, target, signal }, ctx) {
      const { name, sshCertificateScope: scope } = await cloud();
      if (scope === undefined) throw bastionError("certificate-no-scope", { cloud: name });
      const pair = await promisify(generateKeyPair)("rsa", KEY);
      const credential = await ctx.credential();
      const { tenant } = target.bastionHost;
      const { token } = await credential.getToken(scope, {
        signal,
        form: certificateForm(pair.publicKey.export({ format: "jwk" })),
        ...(tenant ? { tenant } : {}),
      });
      // A credential that does not know of certificates gives a token as any other.
      const certificate = readSshCertificate(token.reveal());
      const [principal] = certificate?.principals ?? [];
      if (!certificate || principal === undefined) {
        throw bastionError("certificate-unavailable", { credential: credential.name });
      }
      if (user !== undefined && !certificate.principals.includes(user)) {
        const principals = printable(certificate.principals.join(", "));
        throw bastionError("certificate-other-user", { user: printable(user, 80), principals });
      }
      const privateKey = new Secret(
        pair.privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
      );
      return {
        user: user ?? principal,
        methods: [{ kind: "key", privateKey, certificate: certificate.line }],
        expiresOn: certificate.expiresOn,
        [Symbol.asyncDispose]() {
          privateKey[Symbol.dispose]();
          return Promise.resolve();
        },
      };
    },
  };
}

function certificateForm({ n = "", e = "" }: NodeJwk) {
  const kid = createHash("sha256").update(`${n} ${e}`).digest("hex");
  return {
    token_type: "ssh-cert",
    req_cnf: JSON.stringify({ kty: "RSA", n: multiPrecision(n), e: multiPrecision(e), kid }),
    key_id: kid,
  };
}

/** As in an OpenSSH public key: a zero before a highest bit that is set. */
function multiPrecision(jwk: string): string {
  const bytes = Buffer.from(jwk, "base64url");
  const zero = (bytes[0] ?? 0) & 0x80 ? [0] : [];
  return Buffer.concat([Buffer.from(zero), bytes]).toString("base64url");
}
