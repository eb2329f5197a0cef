import type { AccessToken, AzureCredential } from "../auth/azure/credential.ts";
import type { ArmClient } from "../azure/arm_client.ts";
import type { Cloud } from "../azure/cloud.ts";
import type { BastionHost } from "../azure/bastion_host.ts";
import type { Inventory } from "../azure/inventory.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Dialer } from "../net/dial.ts";
import type { HttpClient } from "../net/http_client.ts";
import type { Trust } from "../net/trust.ts";
import type { Platform } from "../platform.ts";
import type { PluginContext } from "../plugin/plugin.ts";
import type { Owned } from "../plugin/registry.ts";
import type { Target, TargetRequest } from "../target/target.ts";
import type { Session } from "../tunnel/session.ts";
import type { Transport } from "../tunnel/transport.ts";
import type { TunnelRequest } from "../tunnel/tunnel_request.ts";
import type { Check } from "./check.ts";
import type { RecentLog } from "./recent_log.ts";

/** What the doctor looks at: the same parts that every command uses, so that it sees what they see. */
export interface DoctorDoors {
  /** Of the program that this is. */
  readonly version?: string;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recent: RecentLog;
  readonly http: HttpClient;
  /** The plugins' checks, in the order of start. */
  readonly checks: readonly Owned<Check>[];
  context(plugin: string): PluginContext;
  cloud(): Promise<Cloud>;
  net(): Promise<{ readonly dial: Dialer; readonly trust: Trust }>;
  credential(): Promise<AzureCredential>;
  arm(): Promise<ArmClient>;
  inventory(): Promise<Inventory>;
  /** Id of the subscription that the user works in, where there is one. */
  defaultSubscription(): Promise<string | undefined>;
  /** What earlier runs have found does not count. */
  resolve(request: TargetRequest): Promise<Target>;
  /** The host that `request.bastionHost` names; nothing else of the request counts but where it is. */
  findHost(request: TargetRequest): Promise<BastionHost>;
  /** What the plugins make of the tunnel, if they allow it, and what is to carry it. */
  permit(
    request: TunnelRequest,
  ): Promise<{ readonly request: TunnelRequest; readonly transport: Transport }>;
  openSession(target: Target, token: AccessToken, signal: AbortSignal): Promise<Session>;
}
