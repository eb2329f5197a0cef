/** The checks of the way to a service: its name, the connection, who vouches for it; and the clock. */

import type { Cloud } from "../azure/cloud.ts";
import { BastionError, bastionError, isBastionError } from "../errors.ts";
import { errors } from "../error_catalogue.ts";
import { createProbe, type ShownCertificate } from "../net/probe.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import type { Checked, Plan } from "./plan.ts";
import type { ProgramChecks } from "./program_checks.ts";

export interface Service {
  /** Begins the checks' names, as `arm` in `arm-tls`. */
  readonly name: string;
  readonly title: string;
  readonly needs: readonly Checked<unknown>[];
  /** Its host, with a port where it is not 443. */
  endpoint(): string;
}

/** @returns the last of them, which needs all others */
export function addServiceChecks(
  plan: Plan,
  doors: DoctorDoors,
  { cloud, proxy, trust }: ProgramChecks,
  timeout: number,
  { name, title, needs, endpoint }: Service,
): Checked<unknown> {
  const probe = () => createProbe(proxy.value(), timeout);

  const dns = plan.add({
    name: `${name}-dns`,
    title: `${title}: name`,
    needs: [proxy, ...needs],
    async run(signal) {
      const found = await probe().addresses(endpoint(), signal);
      const addresses = found.addresses.slice(0, 4).join(", ");
      const means = addresses === "" ? "is an address" : `is ${addresses}`;
      return {
        found: found.proxy
          ? `${endpoint()} is looked up by the proxy; ${found.name} ${means}`
          : `${found.name} ${means}`,
        value: undefined,
      };
    },
  });

  const tcp = plan.add({
    name: `${name}-tcp`,
    title: `${title}: connection`,
    needs: [dns],
    async run(signal) {
      const startedAt = doors.clock.now();
      const { proxy } = await probe().reach(endpoint(), signal);
      const ms = Math.round(doors.clock.now() - startedAt);
      const via = proxy ? ` through the proxy ${proxy.label}` : "";
      return { found: `${endpoint()} answers${via}, after ${ms} ms`, value: undefined };
    },
  });

  return plan.add({
    name: `${name}-tls`,
    title: `${title}: certificate`,
    needs: [tcp, trust, cloud],
    async run(signal) {
      const shown = await probe().certificate(endpoint(), signal);
      await believe(shown, signal);
      const found = `issued by ${shown.issuer}`;
      if (shown.isPublic) return { found, value: undefined };
      const source = await sourceOf(signal);
      const own = cloud.value().caFile;
      if (own !== undefined && source?.file === own) {
        return { found: `${found}, the cloud's own CA`, value: undefined };
      }
      const trusted = source ? `${source.file} (${source.source})` : "this computer's own store";
      return {
        status: "warn",
        found: `${found}, which is no public CA; it is trusted by ${trusted}`,
        remedy:
          "Somebody between here and Azure reads along, as companies' proxies do. If WebSockets or large answers fail, have Azure's addresses exempted from inspection.",
        value: undefined,
      };
    },
  });

  /** What every connection of ours does. */
  async function believe({ issuer }: ShownCertificate, signal: AbortSignal): Promise<void> {
    try {
      (await trust.value().dial(endpoint(), signal)).close();
    } catch (error) {
      if (!isBastionError(error, "tls-untrusted")) throw error;
      const problem = `${error.params["problem"]}; it is issued by ${issuer}`;
      throw new BastionError("tls-untrusted", errors["tls-untrusted"], {
        ...error.params,
        problem,
      }, error);
    }
  }

  async function sourceOf(signal: AbortSignal) {
    const { sources, caCerts } = trust.value().trust;
    for (const [at, source] of sources.entries()) {
      const authorities = caCerts[at];
      if (
        authorities !== undefined && await probe().isIssuedBy(endpoint(), [authorities], signal)
      ) {
        return source;
      }
    }
    return undefined;
  }
}

/** Entra takes tokens, and services take assertions, that are no further off than this, in ms. */
const MOST_OFF = 5 * 60_000;
const NOTABLY_OFF = 60_000;

export function addClockCheck(
  plan: Plan,
  doors: DoctorDoors,
  cloud: Checked<Cloud>,
  after: readonly Checked<unknown>[],
  timeout: number,
): void {
  plan.add({
    name: "clock",
    title: "Clock",
    needs: [cloud],
    after,
    async run(signal) {
      const { resourceManager, authority } = cloud.value();
      // One that is silent leaves the other its time.
      const half = { http: doors.http, clock: doors.clock, signal, timeout: timeout * 0.4 };
      const offset = await clockOffset(`${resourceManager}/`, half) ??
        await clockOffset(`${authority}/common/v2.0/.well-known/openid-configuration`, half);
      if (offset === undefined) return { skipped: "neither Azure nor Entra has told the time" };
      const way = offset > 0 ? "behind" : "ahead of";
      const size = Math.abs(offset);
      if (size > MOST_OFF) {
        throw bastionError("clock-wrong", { minutes: Math.round(size / 60_000), way });
      }
      const seconds = Math.round(size / 1000);
      if (size > NOTABLY_OFF) {
        return {
          status: "warn",
          found: `it is ${seconds} s ${way} Azure's`,
          remedy: "At five minutes tokens are refused: have the clock set by the network.",
          value: undefined,
        };
      }
      return {
        found: seconds < 2 ? "it agrees with Azure's" : `it is ${seconds} s ${way} Azure's`,
        value: undefined,
      };
    },
  });
}

/** How much Azure's clock is ahead of ours, in ms; undefined where it does not answer. */
async function clockOffset(
  url: string,
  { http, clock, signal, timeout }:
    & Pick<DoctorDoors, "http" | "clock">
    & { readonly signal: AbortSignal; readonly timeout: number },
): Promise<number | undefined> {
  const sent = clock.date().getTime();
  try {
    const { headers } = await http.request({ method: "GET", url, signal, timeout });
    const date = Date.parse(headers.get("date") ?? "");
    // The header has whole seconds, cut off: on average it is half a second late.
    return Number.isNaN(date) ? undefined : date + 500 - (sent + clock.date().getTime()) / 2;
  } catch (error) {
    signal.throwIfAborted();
    // The checks of the connection have said it.
    if (isBastionError(error)) return undefined;
    throw error;
  }
}
