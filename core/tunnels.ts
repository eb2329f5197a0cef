/** The program's tunnels: opened past the plugins' hooks, and ended in bounded time. */

import type { AzureDoors } from "./azure_doors.ts";
import type { Clock } from "./clock.ts";
import { bastionError, describeError, isBastionError, messageOf } from "./errors.ts";
import type { Logger } from "./logger.ts";
import { Turns } from "./net/turns.ts";
import { once } from "./once.ts";
import type { Platform } from "./platform.ts";
import type { HookRunner } from "./plugin/hook_runner.ts";
import type { Registry } from "./plugin/registry.ts";
import { Gate } from "./tunnel/gate.ts";
import { type Journal, openJournal } from "./tunnel/journal.ts";
import { OwedDeletes } from "./tunnel/owed_deletes.ts";
import type { AccessToken } from "./auth/azure/credential.ts";
import type { Target } from "./target/target.ts";
import { deleteSession, openSession, type Session } from "./tunnel/session.ts";
import type { Transport } from "./tunnel/transport.ts";
import { openTunnel, type Tunnel } from "./tunnel/tunnel.ts";
import type { TunnelRequest } from "./tunnel/tunnel_request.ts";

export interface TunnelParts {
  readonly platform: Platform;
  readonly clock: Clock;
  readonly log: Logger;
  readonly azure: AzureDoors;
  registry(): Registry;
  hooks(): HookRunner;
}

export interface Tunnels {
  open(request: TunnelRequest): Promise<Tunnel>;
  /**
   * What the plugins make of a request, and what is to carry it.
   * @throws BastionError `tunnel-denied`, `plugin-…`, `usage`
   */
  permit(
    request: TunnelRequest,
  ): Promise<{ readonly request: TunnelRequest; readonly transport: Transport }>;
  /**
   * One session, without a tunnel; whoever opens it closes it.
   * @throws BastionError `token-…` and network errors
   */
  openSession(target: Target, token: AccessToken, signal: AbortSignal): Promise<Session>;
  /** Ends them all, and deletes what sessions are left. */
  stop(): Promise<void>;
  /** When nothing asks for a session any more: what a killed run left is waited for, in bounds. */
  close(): Promise<void>;
}

/** Handshakes in flight at most; the others wait in order. */
const HANDSHAKES = 32;
/** Sessions that cannot be deleted hold up the end of the program so long, in ms. */
const STOP_BUDGET = 5_000;
/** For what a killed run left, the end of the program waits so long, in ms. */
const RECOVERY_TIMEOUT = 5_000;

export function createTunnels(parts: TunnelParts): Tunnels {
  const { platform, clock, log, azure: { cloud, net, http, credential, lookups } } = parts;
  const tunnels = new Set<Tunnel>();
  const gate = new Gate(HANDSHAKES);
  const turns = new Turns();

  const recoveryLimit = new AbortController();
  let recovering: Promise<void> | undefined;
  const journal = once(async (): Promise<Journal> => {
    const opened = await openJournal(`${platform.stateDirectory}/sessions`, platform, log);
    // What a killed run left is deleted meanwhile; only the program's end waits for it. A host that
    // is gone is no news: every run for a day would warn of it.
    const quiet = { ...log, warning: log.info };
    recovering = opened
      .recover((key) => deleteSession(key, { http, log: quiet }, recoveryLimit.signal))
      .catch((error) => log.debug("recovery", { problem: messageOf(error) }));
    return opened;
  });

  const owed = new OwedDeletes(
    (key, limit) => deleteSession(key, { http, log }, limit),
    clock,
  );

  async function permit(asked: TunnelRequest) {
    const runner = parts.hooks();
    const request = await runner.prepareTunnel(asked);
    await runner.authorizeTunnel(request);
    const name = request.transport ?? "webtunnel";
    const transport = parts.registry().transports.get(name);
    if (!transport) {
      throw bastionError("usage", {
        problem: `There is no transport ${name}.`,
        remedy: `These are known: ${parts.registry().choices("transports").join(", ")}.`,
      });
    }
    return { request, transport };
  }

  async function open(asked: TunnelRequest): Promise<Tunnel> {
    const runner = parts.hooks();
    const { request, transport } = await permit(asked);
    const { audience, dataPodSuffix } = await cloud();
    const { dial } = await net();
    // A guest's bastion host belongs to a tenant that is not the credential's own.
    const { tenant } = request.target.bastionHost;
    const own = await credential();
    const sessions = await journal();
    const tunnel = openTunnel(request, {
      clock,
      log,
      platform,
      dial,
      transport,
      gate,
      turns,
      getToken: (signal, fresh) =>
        own.getToken(`${audience}/.default`, { signal, fresh, ...(tenant ? { tenant } : {}) }),
      openSession: async (target, token, signal, repeat) => {
        const parts = { http, journal: sessions, owed, clock, log, dataPodSuffix };
        try {
          return await openSession(target, token, parts, signal, repeat);
        } catch (error) {
          // What was looked up earlier may be what the service does not find.
          if (isBastionError(error, "token-not-found")) {
            const { resourceId, bastionHost } = target;
            await (await lookups()).forgetResources([resourceId, bastionHost.id]);
          }
          throw error;
        }
      },
      describeError,
      observe: {
        tunnelOpened: (event) => runner.observe("tunnelOpened", event),
        connectionOpened: (event) => runner.observe("connectionOpened", event),
        connectionFailed: (event) => runner.observe("connectionFailed", event),
        connectionClosed: (event) => runner.observe("connectionClosed", event),
        tunnelClosed: (event) => runner.observe("tunnelClosed", event),
      },
    });
    tunnels.add(tunnel);
    tunnel.ended.finally(() => tunnels.delete(tunnel));
    return tunnel;
  }

  return {
    open,
    permit,
    async openSession(target, token, signal) {
      const { dataPodSuffix } = await cloud();
      const shared = { http, journal: await journal(), owed, clock, log, dataPodSuffix };
      return await openSession(target, token, shared, signal, true);
    },
    async stop() {
      const since = clock.now();
      await Promise.all([...tunnels].map((tunnel) => tunnel.stop()));
      await turns.close();
      await owed.close(STOP_BUDGET - (clock.now() - since));
    },
    async close() {
      const cancel = clock.after(RECOVERY_TIMEOUT, () => recoveryLimit.abort());
      await recovering;
      cancel();
      (await journal.value)?.close();
    },
  };
}
