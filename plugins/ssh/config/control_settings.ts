/** Several ssh to one VM over one connection, where the platform has that. */

import type { OptionValues, PluginContext } from "../../../core/mod.ts";
import { pathSetting } from "../native/ssh_setting.ts";
import { openStateDirectory } from "../state_directory.ts";

/** `%C`, and what ssh appends while it makes the socket. */
const NAME_LENGTH = "/".length + 40 + 17;
/** The path of a socket, in bytes. */
const MAX_PATH = { darwin: 103, linux: 107 } as const;

/** Makes the directory that they name. */
export async function controlSettings(
  options: OptionValues,
  ctx: Pick<PluginContext, "platform" | "error" | "log">,
): Promise<string[]> {
  const { os } = ctx.platform;
  const persist = options["control-persist"];
  // Windows' ssh has none.
  if (os === "windows" || typeof persist !== "number" || persist === 0) return [];
  const directory = directories(ctx.platform).find((path) =>
    new TextEncoder().encode(path).length + NAME_LENGTH <= MAX_PATH[os]
  );
  if (directory === undefined) {
    ctx.log.warning("every directory is too deep for ControlPath: each ssh has its own connection");
    return [];
  }
  await openStateDirectory(ctx);
  await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
  return [
    "ControlMaster=auto",
    pathSetting("ControlPath", directory, ctx).replace(/"$/, '/%C"'),
    `ControlPersist=${Math.ceil(persist / 1000)}`,
  ];
}

/** Takes the directory away, unless an ssh is still connected. */
export async function removeControlDirectory({ platform }: Pick<PluginContext, "platform">) {
  for (const directory of directories(platform)) await Deno.remove(directory).catch(() => {});
}

function directories({ stateDirectory, home }: PluginContext["platform"]): string[] {
  return [`${stateDirectory}/mux`, `${home}/.ssh/bastion`];
}
