import type { HostKey, KnownHostKey } from "./known_hosts.ts";

export type HostKeyVerdict = "known" | "new" | "changed" | "revoked";

/**
 * What OpenSSH would say of a host's key, by the keys that are known under the host's name. One of
 * another type is a change, too: whoever is in between could choose the type. So a client asks for
 * the types first that it knows a key of.
 */
export function judgeHostKey(known: readonly KnownHostKey[], { key }: HostKey): HostKeyVerdict {
  const same = known.filter((one) => one.key === key);
  if (same.some(({ revoked }) => revoked)) return "revoked";
  if (same.length > 0) return "known";
  return known.some(({ revoked }) => !revoked) ? "changed" : "new";
}
