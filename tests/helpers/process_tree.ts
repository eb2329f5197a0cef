/** A process and all that it has started, as Linux tells them in /proc. */

export interface ProcessShown {
  readonly pid: number;
  /** Its words, and its variables, each with a blank or a line's end for the zero byte. */
  readonly cmdline: string;
  readonly environ: string;
}

/** Those that are there now; the first is the process itself. */
export async function processTree(pid: number): Promise<ProcessShown[]> {
  const parents = new Map<number, number>();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const [, parent] = /^PPid:\s*(\d+)$/m.exec(await read(`/proc/${name}/status`)) ?? [];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const found = [pid];
  // Children are added while it is walked.
  for (const one of found) {
    for (const [child, parent] of parents) if (parent === one) found.push(child);
  }
  return await Promise.all(found.map(async (one) => ({
    pid: one,
    cmdline: (await read(`/proc/${one}/cmdline`)).replaceAll("\0", " ").trim(),
    environ: (await read(`/proc/${one}/environ`)).replaceAll("\0", "\n"),
  })));
}

/** Empty where the process has just ended. */
async function read(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    const { code } = error as { code?: string };
    if (error instanceof Deno.errors.NotFound || code === "ESRCH") return "";
    throw error;
  }
}
