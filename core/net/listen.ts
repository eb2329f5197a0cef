/** Opens the local port: on both loopback addresses, unless others are asked for. */

import { isBastionError } from "../errors.ts";
import type { Platform } from "../platform.ts";

export interface LocalListeners {
  readonly listeners: Deno.TcpListener[];
  readonly addresses: readonly string[];
  readonly port: number;
}

/** A port that is free on one loopback address may be taken on the other. */
const TRIES = 10;

/** How one address is listened on; a test's own stands for a machine without IPv6. */
export type ListenOn = (address: { hostname: string; port: number }) => Deno.TcpListener;

/**
 * Listens on `port` (0: the system chooses, the same for all) of `addresses`; on 127.0.0.1 and, where
 * there is one, ::1 if none are given, so that nobody else can take the other half of `localhost`.
 * @throws BastionError `local-port-…`
 */
export function listenLocal(
  addresses: readonly string[] | undefined,
  port: number,
  platform: Platform,
  listenOn: ListenOn = Deno.listen,
): LocalListeners {
  for (let tries = 1;; tries++) {
    const listeners: Deno.TcpListener[] = [];
    const bound: string[] = [];
    let chosen = port;
    try {
      for (const address of addresses ?? ["127.0.0.1", "::1"]) {
        try {
          const listener = listenOn({ hostname: address, port: chosen });
          listeners.push(listener);
          bound.push(address);
          chosen = listener.addr.port;
        } catch (error) {
          if (!addresses && address === "::1" && isWithoutIpv6(error)) continue;
          throw platform.listenError(error, address, chosen);
        }
      }
      return { listeners, addresses: bound, port: chosen };
    } catch (error) {
      for (const listener of listeners) listener.close();
      const takenByChance = port === 0 && isBastionError(error, "local-port-taken");
      if (!takenByChance || tries === TRIES) throw error;
    }
  }
}

/** No address ::1 (EADDRNOTAVAIL), or no IPv6 at all (EAFNOSUPPORT; 10047 on Windows). */
function isWithoutIpv6(error: unknown): boolean {
  return error instanceof Deno.errors.AddrNotAvailable ||
    (error instanceof Error && /address family|os error (97|47|10047)\b/i.test(error.message));
}
