/** Microsoft's Azure CLI, unmodified, where the system has it: pointed at the emulator. */

import type { RunningEmulator } from "../../plugins/emulator/emulator.ts";
import { azureCliCloud, azureCliEnvironment } from "../../scripts/bench/azure_cli.ts";
import { bastionEnvironment } from "./bastion_process.ts";
import { runProgram, type RunResult } from "./run.ts";
import { type TempDir, tempDir } from "./temp_dir.ts";

export interface AzureCli extends AsyncDisposable {
  /** Its configuration, with the sign-ins that it keeps. */
  readonly directory: TempDir;
  /** What a program needs beside the emulator's own variables to find this az's sign-in. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs `az …` to its end. */
  run(...args: readonly string[]): Promise<RunResult>;
  /** What it printed as JSON; an Error with all output, where it ends with another code than 0. */
  json(...args: readonly string[]): Promise<unknown>;
}

/** An az of its own configuration, which knows the emulator's cloud and has it chosen. */
export async function azureCli(emulator: RunningEmulator): Promise<AzureCli> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const environment = azureCliEnvironment(emulator, directory.path);

  async function run(...args: readonly string[]): Promise<RunResult> {
    const { NO_PROXY = "" } = emulator.environment;
    return await runProgram(["az", ...args], {
      env: { ...bastionEnvironment(environment), NO_PROXY, no_proxy: NO_PROXY },
      inherit: false,
    });
  }

  async function json(...args: readonly string[]): Promise<unknown> {
    const { code, stdout, stderr } = await run(...args, "--output", "json");
    if (code !== 0) throw new Error(`az ${args[0]} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout.trim() === "" ? undefined : JSON.parse(stdout);
  }

  for (const words of azureCliCloud(emulator)) await json(...words);

  const owned = stack.move();
  return { directory, environment, run, json, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
