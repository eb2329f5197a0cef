import type { Clock } from "../clock.ts";
import { BastionError, bastionError, messageOf } from "../errors.ts";
import type { Plugin, PluginContext, PluginFactory } from "./plugin.ts";

/** A plugin that has not started by then is given up, in ms. */
const START_TIMEOUT = 10_000;

/** A plugin whose start throws or hangs is named by its factory, since it has no name yet. */
export async function startPlugin(
  factory: PluginFactory,
  contextFor: (name: string) => PluginContext,
  clock: Clock,
): Promise<Plugin> {
  const plugin = factory.name || "(without a name)";
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(START_TIMEOUT, () =>
    late.reject(bastionError("plugin-timeout", {
      plugin,
      hook: "its start",
      seconds: START_TIMEOUT / 1000,
    })));
  try {
    return await Promise.race([factory(contextFor(plugin)), late.promise]);
  } catch (error) {
    if (error instanceof BastionError) throw error;
    throw bastionError(
      "plugin-failed",
      { plugin, hook: "its start", problem: messageOf(error) },
      error,
    );
  } finally {
    cancel();
  }
}
