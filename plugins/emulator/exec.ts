/** `bastion emulator exec`: the emulator for the length of one command. */

import type { CommandHandler } from "../../core/mod.ts";
import { startEmulator } from "./emulator.ts";
import { writeLauncher } from "./launcher.ts";
import { userEnvironment } from "./user_environment.ts";

export const run: CommandHandler = async ({ options, rest }, ctx) => {
  const [program, ...args] = rest;
  if (program === undefined) {
    throw ctx.error("usage", {
      problem: "There is no command to run.",
      remedy: "Put it behind --, as in: bastion emulator exec -- bastion tunnel …",
    });
  }
  const { file } = options;
  await using emulator = await startEmulator({
    ...(typeof file === "string" ? { file } : {}),
    log: ctx.log,
    error: (code, params, cause) => ctx.error(code, params, cause),
    env: (name) => ctx.platform.env(name),
  });
  const bin = `${emulator.directory}/bin`;
  await writeLauncher(bin, ctx.selfCommand([]), ctx.platform.os);
  const path = [bin, ...[ctx.platform.env("PATH") ?? []].flat()];
  ctx.out.yieldStdout();
  return await ctx.spawn([program, ...args], {
    env: { ...userEnvironment(emulator), PATH: path.join(ctx.platform.pathListSeparator) },
    signal: ctx.signal,
  });
};
