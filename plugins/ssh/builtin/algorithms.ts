/** What the built-in client offers, the best first: no SHA-1, no CBC, nothing that Deno cannot do. */

import { getCiphers } from "node:crypto";
import type { Algorithms, CipherAlgorithm, ServerHostKeyAlgorithm } from "ssh2";
import type { KnownHostKey } from "../known_hosts.ts";

/** In OpenSSH's order, so that both clients take the same of a server's keys. */
const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** For servers that have no other; GCM fails on Deno before 2.7. */
const LAST_CIPHERS: readonly (readonly [CipherAlgorithm, string])[] = [
  ["aes256-gcm@openssh.com", "aes-256-gcm"],
  ["aes128-gcm@openssh.com", "aes-128-gcm"],
];

/**
 * Types of keys that are known for the host come first, as with OpenSSH: a server with several keys
 * would show another one else, and that would pass for a change.
 */
export function algorithmsFor(known: readonly KnownHostKey[]): Algorithms {
  const types = new Set(known.filter(({ revoked }) => !revoked).map(({ type }) => type));
  const isKnown = (name: ServerHostKeyAlgorithm) =>
    types.has(name.startsWith("rsa-") ? "ssh-rsa" : name);
  const ciphers = getCiphers();
  return {
    kex: [
      "curve25519-sha256",
      "curve25519-sha256@libssh.org",
      "ecdh-sha2-nistp256",
      "ecdh-sha2-nistp384",
      "diffie-hellman-group-exchange-sha256",
      "diffie-hellman-group16-sha512",
      "diffie-hellman-group18-sha512",
      "diffie-hellman-group14-sha256",
    ],
    serverHostKey: [...HOST_KEYS.filter(isKnown), ...HOST_KEYS.filter((name) => !isKnown(name))],
    cipher: [
      "aes128-ctr",
      "aes192-ctr",
      "aes256-ctr",
      ...LAST_CIPHERS.flatMap(([name, inDeno]) => ciphers.includes(inDeno) ? [name] : []),
    ],
    hmac: [
      "hmac-sha2-256-etm@openssh.com",
      "hmac-sha2-512-etm@openssh.com",
      "hmac-sha2-256",
      "hmac-sha2-512",
    ],
    compress: ["none"],
  };
}
