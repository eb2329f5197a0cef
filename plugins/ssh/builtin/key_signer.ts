/** A private key that signs, and asks for its passphrase when it must. */

import { type KeyObject, sign } from "node:crypto";
import type { SshSignatureAlgorithm, SshSigner } from "../../../core/mod.ts";
import { privateKey, publicBlob } from "./private_key.ts";

export interface PrivateKeyText {
  readonly text: string;
  /** One line. */
  readonly certificate?: string;
}

export interface KeyDoors {
  /** Called where the key is encrypted, `again` where the answer was wrong, three times at most. */
  askPassphrase(again: boolean): Promise<string>;
  /** What is thrown where no answer was right. */
  wrongPassphrase(): Error;
  /** And where the key is of no use here. */
  unusable(problem: string): Error;
}

const ATTEMPTS = 3;

const HASHES: Readonly<Record<SshSignatureAlgorithm, string | null>> = {
  "ssh-ed25519": null,
  "rsa-sha2-256": "sha256",
  "rsa-sha2-512": "sha512",
  "ecdsa-sha2-nistp256": "sha256",
  "ecdsa-sha2-nistp384": "sha384",
  "ecdsa-sha2-nistp521": "sha512",
};

/**
 * The passphrase of a key in OpenSSH's format is asked for when the host would take the key; other
 * formats hide even their public half, so that theirs is asked for at once.
 */
export async function createKeySigner(
  { text, certificate }: PrivateKeyText,
  doors: KeyDoors,
): Promise<SshSigner> {
  const key = privateKey(text);
  let opening: Promise<KeyObject> | undefined;
  const opened = () => opening ??= open();

  async function open(): Promise<KeyObject> {
    for (let attempt = 1;; attempt++) {
      const passphrase = key.encrypted ? await doors.askPassphrase(attempt > 1) : undefined;
      try {
        return key.open(passphrase);
      } catch (error) {
        if (!key.encrypted) throw doors.unusable(messageOf(error));
        if (attempt === ATTEMPTS) throw doors.wrongPassphrase();
      }
    }
  }

  const blob = key.publicKey ?? publicBlob(await opened());
  const type = blob.toString("latin1", 4, 4 + blob.readUInt32BE());
  // Keys in hardware tokens, as a rule.
  if (type !== "ssh-rsa" && !Object.hasOwn(HASHES, type)) {
    throw doors.unusable(`it is of the type ${JSON.stringify(type.slice(0, 64))}`);
  }
  return {
    publicKey: `${type} ${blob.toString("base64")}`,
    ...(certificate === undefined ? {} : { certificate }),
    async sign(data, algorithm) {
      const secret = await opened();
      try {
        return sign(HASHES[algorithm], data, { key: secret, dsaEncoding: "ieee-p1363" });
      } catch (error) {
        throw doors.unusable(messageOf(error));
      }
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
