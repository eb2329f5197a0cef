import { runSuccessfully } from "./run.ts";

/** Where Deno keeps packages: for programs with another home, which would fetch them all anew. */
export async function denoDirectory(): Promise<string> {
  const { stdout } = await runSuccessfully([Deno.execPath(), "info", "--json"]);
  return JSON.parse(stdout).denoDir;
}
