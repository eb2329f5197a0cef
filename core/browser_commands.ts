/** The programs that show a page in the user's browser, by system. Pure. */

import type { Os } from "./platform.ts";

/** Commands to be tried in order; none where there is no browser for the user to look at. */
export function browserCommands(
  os: Os,
  env: (name: string) => string | undefined,
  url: string,
): readonly (readonly [string, ...string[]])[] {
  const chosen = os === "windows" ? [] : chosenBrowsers(env("BROWSER") ?? "", url);
  if (chosen.length > 0) return chosen;
  // It would open on the far computer's screen, if anywhere.
  if (env("SSH_CONNECTION") || env("SSH_TTY")) return [];
  switch (os) {
    case "windows":
      // Not `start`: that is cmd's, which would read `&` and `%` in the address.
      return [[
        `${env("SystemRoot") || "C:\\Windows"}\\System32\\rundll32.exe`,
        "url.dll,FileProtocolHandler",
        url,
      ]];
    case "darwin":
      return [["/usr/bin/open", url]];
    case "linux":
      return env("DISPLAY") || env("WAYLAND_DISPLAY") ? [["xdg-open", url]] : [];
  }
}

/** BROWSER as Unix programs have it: commands between colons, `%s` for the address. */
function chosenBrowsers(variable: string, url: string): [string, ...string[]][] {
  return variable.split(":").flatMap((command) => {
    const [program, ...args] = command.trim().split(/\s+/);
    if (!program) return [];
    const named = args.some((arg) => arg.includes("%s"));
    return [[
      program,
      ...args.map((arg) => arg.replaceAll("%s", () => url)),
      ...(named ? [] : [url]),
    ]];
  });
}
