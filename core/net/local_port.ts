import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Platform } from "../platform.ts";
import type { ByteStream } from "../tunnel/tunnel_request.ts";
import { accept } from "./accept.ts";
import { listenLocal } from "./listen.ts";

/** A local port that is listened on. Disposing of it closes it, and leaves its connections alone. */
export interface LocalPort extends Disposable {
  readonly addresses: readonly string[];
  readonly port: number;
  /**
   * Hands over each connection, until the port is closed; those that came before wait. To be called
   * once. What it is handed to closes it.
   */
  serve(admit: (connection: ByteStream) => void): Promise<void>;
}

export interface LocalPortDoors {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * @param bind local addresses; the loopback addresses of IPv4 and IPv6 where left out
 * @throws BastionError `local-port-…`
 */
export function openLocalPort(
  port: number,
  bind: readonly string[] | undefined,
  { platform, clock, log }: LocalPortDoors,
): LocalPort {
  const { listeners, addresses, port: chosen } = listenLocal(bind, port, platform);
  const closing = new AbortController();
  const { signal } = closing;
  return {
    addresses,
    port: chosen,
    async serve(admit) {
      const options = { clock, log, admit, closed: () => signal.aborted, signal };
      await Promise.all(listeners.map((listener) => accept(listener, options)));
    },
    [Symbol.dispose]() {
      if (signal.aborted) return;
      closing.abort();
      for (const listener of listeners) listener.close();
    },
  };
}
