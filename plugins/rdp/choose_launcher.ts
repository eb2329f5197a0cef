/** Which program opens RDP: the one that was asked for, or the first that is there. */

import type { Platform, PluginContext } from "../../core/mod.ts";
import { hasScreen, type Launcher, launchersOf } from "./launchers.ts";

export interface LauncherWish {
  /** `--launcher`: a name, `none`, or nothing for the first that is there. */
  readonly name?: string;
  /** The settings are to be shown first. */
  readonly configure: boolean;
}

/** A program that is there, or why there is none. */
export type ChosenLauncher =
  | { readonly launcher: Launcher; readonly found: string }
  | { readonly launcher?: undefined; readonly why: string };

export interface LauncherDoors {
  readonly platform: Pick<Platform, "os" | "env" | "home">;
  readonly findProgram: (name: string) => Promise<string | undefined>;
  readonly isDirectory: (path: string) => Promise<boolean>;
  readonly error: PluginContext["error"];
}

/** @throws BastionError `rdp/launcher-…` for a wish that cannot be granted */
export async function chooseLauncher(
  { name, configure }: LauncherWish,
  doors: LauncherDoors,
): Promise<ChosenLauncher> {
  if (name === "none") return { why: "--launcher none" };
  const known = launchersOf(doors.platform);
  if (name !== undefined) {
    const launcher = known.find((one) => one.name === name);
    const found = launcher && await find(launcher, doors);
    if (!launcher || found === undefined) {
      const tried = launcher
        ? `looked for ${placesOf([launcher])}`
        : `on this system there may be ${known.map((one) => one.name).join(" or ")}`;
      throw doors.error("rdp/launcher-missing", { program: launcher?.title ?? name, tried });
    }
    if (configure && !launcher.configure) {
      throw doors.error("rdp/launcher-shows-no-settings", { program: launcher.title });
    }
    return { launcher, found };
  }
  if (!hasScreen(doors.platform)) return { why: "this computer has no screen for it" };
  let mute: Launcher | undefined;
  for (const launcher of known) {
    const found = await find(launcher, doors);
    if (found === undefined) continue;
    if (!configure || launcher.configure) return { launcher, found };
    mute ??= launcher;
  }
  if (mute) throw doors.error("rdp/launcher-shows-no-settings", { program: mute.title });
  return { why: `none of ${placesOf(known)} was found` };
}

async function find(launcher: Launcher, doors: LauncherDoors): Promise<string | undefined> {
  for (const program of launcher.programs) {
    const found = await doors.findProgram(program);
    if (found !== undefined) return found;
  }
  for (const application of launcher.applications) {
    if (await doors.isDirectory(application)) return application;
  }
  return undefined;
}

function placesOf(launchers: readonly Launcher[]): string {
  return launchers.flatMap(({ programs, applications }) => [...applications, ...programs])
    .join(", ");
}
