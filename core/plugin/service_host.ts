/**
 * Makes the services that plugins provide: each once, when it is first asked for, whoever else
 * asks meanwhile. Services that wait for each other would wait for ever; that is an error.
 */

import { BastionError, bastionError, messageOf } from "../errors.ts";
import type { PluginContext, ServiceKey } from "./plugin.ts";
import type { Registry } from "./registry.ts";

export interface ServiceHost {
  /**
   * The service, for the plugin `asker`. What could not be made is tried again when next asked for.
   * @throws BastionError `service-missing`, `plugin-invalid` (a cycle), `plugin-failed`
   */
  get<Value>(key: ServiceKey<Value>, asker: string): Promise<Value>;
}

/** `contextOf` gives the context of a plugin by its name. */
export function createServiceHost(
  registry: Pick<Registry, "services">,
  contextOf: (plugin: string) => PluginContext,
): ServiceHost {
  const made = new Map<string, Promise<unknown>>();
  /** Which services each service that is being made waits for. */
  const waits = new Map<string, Set<string>>();

  function get(name: string, asker: string, within: string | undefined): Promise<unknown> {
    const service = registry.services.get(name);
    if (service === undefined) {
      return Promise.reject(bastionError("service-missing", { plugin: asker, service: name }));
    }
    if (within !== undefined) {
      // Asked before waiting: two that are made at once may close a cycle from either side.
      const path = pathBetween(name, within, waits);
      if (path !== undefined) {
        return Promise.reject(bastionError("plugin-invalid", {
          plugin: asker,
          problem: `services wait for each other (${[within, ...path].join(" → ")})`,
        }));
      }
      waits.get(within)?.add(name);
    }
    const running = made.get(name);
    if (running !== undefined) return running;
    const making = make(name, service.plugin);
    made.set(name, making);
    making.catch(() => made.delete(name));
    return making;
  }

  async function make(name: string, owner: string): Promise<unknown> {
    const service = registry.services.get(name)?.value;
    const context = contextOf(owner);
    waits.set(name, new Set());
    try {
      return await service?.create({
        ...context,
        service: <Value>(key: ServiceKey<Value>) => get(key.name, owner, name) as Promise<Value>,
      });
    } catch (error) {
      // What has a code is said to the user as it stands.
      if (error instanceof BastionError) throw error;
      throw bastionError(
        "plugin-failed",
        { plugin: owner, hook: `the service ${name}`, problem: messageOf(error) },
        error,
      );
    } finally {
      waits.delete(name);
    }
  }

  return {
    // The key carries the type of what its owner makes; nothing else can know it.
    get: <Value>(key: ServiceKey<Value>, asker: string) =>
      get(key.name, asker, undefined) as Promise<Value>,
  };
}

/** The way from one service to another along `waits`, both ends included. */
function pathBetween(
  from: string,
  to: string,
  waits: ReadonlyMap<string, ReadonlySet<string>>,
): string[] | undefined {
  if (from === to) return [to];
  for (const next of waits.get(from) ?? []) {
    const path = pathBetween(next, to, waits);
    if (path !== undefined) return [from, ...path];
  }
  return undefined;
}
