import assert from "node:assert/strict";
import { browserCommands } from "./browser_commands.ts";
import type { Os } from "./platform.ts";

const URL = "https://login.example/authorize?a=1&b=$&c=%20";

Deno.test("browserCommands: each system's own, and none where nobody would see it", () => {
  const rundll = "D:\\W\\System32\\rundll32.exe";
  const cases: [os: Os, variables: Record<string, string>, expected: string[][]][] = [
    ["windows", { SystemRoot: "D:\\W" }, [[rundll, "url.dll,FileProtocolHandler", URL]]],
    ["windows", { SystemRoot: "D:\\W", BROWSER: "C:\\b.exe" }, [
      [rundll, "url.dll,FileProtocolHandler", URL],
    ]],
    ["windows", { SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" }, []],
    ["darwin", {}, [["/usr/bin/open", URL]]],
    ["darwin", { BROWSER: "firefox" }, [["firefox", URL]]],
    ["darwin", { SSH_TTY: "/dev/ttys1" }, []],
    ["linux", { DISPLAY: ":0" }, [["xdg-open", URL]]],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, [["xdg-open", URL]]],
    ["linux", {}, []],
    ["linux", { DISPLAY: ":10", SSH_CONNECTION: "10.0.0.1 1 10.0.0.2 22" }, []],
    ["linux", { BROWSER: "/opt/b --new", SSH_CONNECTION: "x" }, [["/opt/b", "--new", URL]]],
    ["linux", { BROWSER: "b -u %s -q::w3m" }, [["b", "-u", URL, "-q"], ["w3m", URL]]],
    ["linux", { BROWSER: " : ", DISPLAY: ":0" }, [["xdg-open", URL]]],
  ];
  for (const [os, variables, expected] of cases) {
    assert.deepEqual(
      browserCommands(os, (name) => variables[name], URL),
      expected,
      `${os} ${JSON.stringify(variables)}`,
    );
  }
});
