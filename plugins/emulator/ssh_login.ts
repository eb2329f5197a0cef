/** Who may sign in to the built-in SSH servers, and how; made anew on every start. */

import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import { checkUserCertificate } from "./check_user_certificate.ts";
import { randomSecret } from "./random_secret.ts";

export interface SshLogin {
  readonly username: string;
  readonly password: string;
  /** OpenSSH's format, not encrypted. */
  readonly privateKey: string;
  /** OpenSSH's format: the servers' own key, and what known_hosts says of it. */
  readonly hostKey: string;
  readonly hostPublicKey: string;
  /** Answers one attempt of a client's. */
  check(attempt: ssh2.AuthContext): void;
}

export interface SshLoginOptions {
  /** Whose user certificates open the door as well: one line. */
  readonly authority: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  onRefusedCertificate?(problem: string): void;
}

const CERTIFICATE = "-cert-v01@openssh.com";

export function createSshLogin(
  { authority, now, onRefusedCertificate }: SshLoginOptions,
): SshLogin {
  const username = "demo";
  const password = randomSecret();
  const user = generateKey();
  const host = generateKey();
  const userKey = parseKey(user.public);

  function isGood(attempt: ssh2.AuthContext): boolean {
    if (attempt.method === "publickey" && attempt.key.algo.endsWith(CERTIFICATE)) {
      return isCertified(attempt);
    }
    if (attempt.username !== username) return false;
    if (attempt.method === "password") return isSame(attempt.password, password);
    if (attempt.method !== "publickey") return false;
    const { key, signature, blob } = attempt;
    if (!isSame(key.data, userKey.getPublicSSH())) return false;
    // Without a signature the client only asks whether the key would do.
    if (!signature) return true;
    return blob !== undefined && userKey.verify(blob, signature, attempt.hashAlgo) === true;
  }

  /** Whoever is named in it: on a VM of Entra's, users are made as they come. */
  function isCertified({ username: user, key, signature, blob }: ssh2.PublicKeyAuthContext) {
    const problem = checkUserCertificate(
      {
        user,
        algorithm: key.algo,
        certificate: key.data,
        ...(signature ? { proof: { data: blob ?? Buffer.alloc(0), signature } } : {}),
      },
      authority,
      Math.floor(now() / 1000),
    );
    if (problem !== undefined) onRefusedCertificate?.(problem);
    return problem === undefined;
  }

  return {
    username,
    password,
    privateKey: user.private,
    hostKey: host.private,
    hostPublicKey: host.public,
    check(attempt) {
      if (isGood(attempt)) attempt.accept();
      else attempt.reject(["publickey", "password"]);
    },
  };
}

/**
 * ssh2 1.17 drops leading zero bytes of Ed25519 public keys: one key in 256 cannot be read, by
 * nobody, and another must be made.
 */
function generateKey(): { private: string; public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment: "bastion-emulator" });
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

function parseKey(text: string): ssh2.ParsedKey {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
}

function isSame(given: string | Buffer, wanted: string | Buffer): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
