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

  /** Whatever is wrong may have come about since an earlier run: its finds do not count. */
  async function fresh(): Promise<ResolveDoors> {
    const { createLookupCache } = await import("../target/lookup_cache.ts");
    const lookups = createLookupCache({ identity: "doctor", platform, clock, log, refresh: true });
    return Object.defineProperty({ ...resolveDoors }, "lookups", {
      value: () => Promise.resolve(lookups),
    });
  }

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
      const { resolveTarget } = await import("../target/resolve.ts");
      return await resolveTarget(request, await fresh());
    },
    async findHost(request) {
      const [{ parseHostName }, { startSearch }, { namedHost }] = await Promise.all([
        import("../target/grammar.ts"),
        import("../target/search.ts"),
        import("../target/find_host.ts"),
      ]);
      const host = parseHostName(request.bastionHost ?? "", request.resourceGroup);
      return await namedHost(host, undefined, await startSearch(request, await fresh()));
    },
    permit: tunnels.permit,
    openSession: tunnels.openSession,
  };
  return async (request) => {
    const { diagnose } = await import("./diagnose.ts");
    return await diagnose(request, doors);
  };
}
