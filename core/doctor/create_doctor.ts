import type { AzureDoors } from "../azure_doors.ts";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Platform } from "../platform.ts";
import type { PluginContext } from "../plugin/plugin.ts";
import type { Registry } from "../plugin/registry.ts";
import type { ResolveDoors } from "../target/resolve_doors.ts";
import type { Tunnels } from "../tunnels.ts";
import type { Diagnosis, DiagnosisRequest } from "./check.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import type { RecentLog } from "./recent_log.ts";

export interface DoctorParts {
  readonly version?: string;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recent: RecentLog;
  readonly azure: AzureDoors;
  readonly tunnels: Tunnels;
  readonly resolveDoors: ResolveDoors;
  registry(): Registry;
  context(plugin: string): PluginContext;
}

/** The doctor, with the program's own parts for doors; its checks are loaded when it is called. */
export function createDoctor(
  parts: DoctorParts,
): (request: DiagnosisRequest) => Promise<Diagnosis> {
  const { platform, clock, log, recent, tunnels, resolveDoors, version } = parts;
  const { cloud, net, http, credential, arm, inventory } = parts.azure;
  const doors: DoctorDoors = {
    ...(version === undefined ? {} : { version }),
    platform,
    clock,
    log,
    recent,
    http,
    get checks() {
      return [...parts.registry().checks.values()];
    },
    context: parts.context,
    cloud,
    net,
    credential,
    arm,
    inventory,
    defaultSubscription: resolveDoors.defaultSubscription,
    async resolve(request) {
      const [{ resolveTarget }, { createLookupCache }] = await Promise.all([
        import("../target/resolve.ts"),
        import("../target/lookup_cache.ts"),
      ]);
      // Whatever is wrong may have come about since: neither read nor kept on disk.
      const lookups = createLookupCache({
        identity: "doctor",
        platform,
        clock,
        log,
        refresh: true,
      });
      const fresh = Object.defineProperty({ ...resolveDoors }, "lookups", {
        value: () => Promise.resolve(lookups),
      });
      return await resolveTarget(request, fresh);
    },
    permit: tunnels.permit,
    openSession: tunnels.openSession,
  };
  return async (request) => {
    const { diagnose } = await import("./diagnose.ts");
    return await diagnose(request, doors);
  };
}
