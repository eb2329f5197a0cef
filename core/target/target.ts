import type { BastionHost } from "../azure/bastion_host.ts";

/** What the user named: one word, or az's flags. */
export interface TargetRequest {
  /** Resource id, private IP, alias, plugin's, or name; tried in this order. */
  readonly word?: string;
  readonly resourceId?: string;
  readonly ipAddress?: string;
  /** Port on the target, 1–65535; where it is left out an alias or a plugin must know it. */
  readonly port?: number;
  /** Where neither the user nor an alias or a plugin names a port. */
  readonly defaultPort?: number;
  /** `[group/]name` or full id; where it is left out the host is found. */
  readonly bastionHost?: string;
  /** The bastion host's, where `bastionHost` is a name. */
  readonly resourceGroup?: string;
  /**
   * Name or id of the bastion host's subscription, and of the one in which names are looked for.
   * Where it is left out: AZURE_SUBSCRIPTION_ID, the account's default, or all there are.
   */
  readonly subscription?: string;
  /** Whether host, SKU, features, VM and data plane are checked first. Default true. */
  readonly check?: boolean;
  readonly signal?: AbortSignal;
}

/** Where a tunnel leads, resolved. */
export interface Target {
  /** For people: `app/web1:22`. */
  readonly label: string;
  /** What the data plane is asked for: an ARM id, or the synthetic id of IP connect. */
  readonly resourceId: string;
  /** The target's IP address; IP connect only. */
  readonly hostname?: string;
  readonly port: number;
  /** Whom its alias signs in; what stands before `@` goes before this. */
  readonly user?: string;
  readonly bastionHost: BastionHost;
  /** What was chosen for the user, in sentences for the user. */
  readonly notes: readonly string[];
}
