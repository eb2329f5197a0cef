/** Shows the user a page, in the user's own browser. */

import type { Clock } from "../../../clock.ts";
import type { Platform } from "../../../platform.ts";

/** A browser's starter that fails does so at once; one that is at work may stay for hours, in ms. */
const FAILS_WITHIN = 1_500;

/** Whether a browser has been started. */
export async function openBrowser(url: string, platform: Platform, clock: Clock): Promise<boolean> {
  // It may come from a server's document: no program is to take it for an option or a file.
  const parsed = URL.parse(url);
  if (parsed?.protocol !== "https:") return false;
  for (const [program, ...args] of platform.browserCommands(parsed.href)) {
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
        .spawn();
    } catch {
      continue;
    }
    const waiting = new AbortController();
    const early = child.status.then(({ success }) => success);
    // A browser that is not running yet must not keep us from ending.
    child.unref();
    const settled = clock.sleep(FAILS_WITHIN, waiting.signal).then(() => true, () => true);
    const started = await Promise.race([early, settled]);
    waiting.abort();
    if (started) return true;
  }
  return false;
}
