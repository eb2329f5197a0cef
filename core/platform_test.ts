import assert from "node:assert/strict";
import { isBastionError } from "./errors.ts";
import { createPlatform, type Os } from "./platform.ts";

function platformWith(os: string, variables: Record<string, string> = {}) {
  return createPlatform(os, (name) => variables[name]);
}

Deno.test("createPlatform: the state directory", () => {
  const cases: [os: string, variables: Record<string, string>, expected: string][] = [
    ["windows", { LOCALAPPDATA: "C:\\U\\L", USERPROFILE: "C:\\U" }, "C:\\U\\L\\bastion"],
    ["windows", { USERPROFILE: "C:\\U", HOME: "/c/U" }, "C:\\U\\AppData\\Local\\bastion"],
    ["windows", { LOCALAPPDATA: "", USERPROFILE: "C:\\U" }, "C:\\U\\AppData\\Local\\bastion"],
    ["darwin", { HOME: "/Users/u" }, "/Users/u/Library/Application Support/bastion"],
    ["linux", { HOME: "/home/u" }, "/home/u/.local/state/bastion"],
    ["linux", { HOME: "/home/u", XDG_STATE_HOME: "/s" }, "/s/bastion"],
    ["linux", { HOME: "/home/u", XDG_STATE_HOME: "s" }, "/home/u/.local/state/bastion"],
    ["linux", { HOME: "/home/u", XDG_STATE_HOME: "" }, "/home/u/.local/state/bastion"],
    ["freebsd", { HOME: "/home/u" }, "/home/u/.local/state/bastion"],
    ["linux", { HOME: "" }, "./.local/state/bastion"],
  ];
  for (const [os, variables, expected] of cases) {
    assert.equal(platformWith(os, variables).stateDirectory, expected, `${os} ${expected}`);
  }
});

Deno.test("createPlatform: the config directory", () => {
  const cases: [os: string, variables: Record<string, string>, expected: string][] = [
    ["windows", { APPDATA: "C:\\U\\R", USERPROFILE: "C:\\U" }, "C:\\U\\R\\bastion"],
    ["windows", { USERPROFILE: "C:\\U", HOME: "/c/U" }, "C:\\U\\AppData\\Roaming\\bastion"],
    ["windows", { APPDATA: "", USERPROFILE: "C:\\U" }, "C:\\U\\AppData\\Roaming\\bastion"],
    ["darwin", { HOME: "/Users/u" }, "/Users/u/Library/Application Support/bastion"],
    ["linux", { HOME: "/home/u" }, "/home/u/.config/bastion"],
    ["linux", { HOME: "/home/u", XDG_CONFIG_HOME: "/c" }, "/c/bastion"],
    ["linux", { HOME: "/home/u", XDG_CONFIG_HOME: "c" }, "/home/u/.config/bastion"],
    ["linux", { HOME: "/home/u", XDG_CONFIG_HOME: "" }, "/home/u/.config/bastion"],
    ["freebsd", { HOME: "/home/u" }, "/home/u/.config/bastion"],
  ];
  for (const [os, variables, expected] of cases) {
    assert.equal(platformWith(os, variables).configDirectory, expected, `${os} ${expected}`);
  }
});

Deno.test("createPlatform: signals, PATH and file modes", () => {
  const table: Record<string, unknown[]> = {
    windows: ["windows", ["SIGINT", "SIGBREAK", "SIGHUP"], ";", false],
    darwin: ["darwin", ["SIGINT", "SIGTERM", "SIGHUP"], ":", true],
    linux: ["linux", ["SIGINT", "SIGTERM", "SIGHUP"], ":", true],
    openbsd: ["linux", ["SIGINT", "SIGTERM", "SIGHUP"], ":", true],
  };
  for (const [os, expected] of Object.entries(table)) {
    const { os: kind, endSignals, pathListSeparator, hasFileModes } = platformWith(os);
    assert.deepEqual([kind, endSignals, pathListSeparator, hasFileModes], expected);
  }
});

Deno.test("createPlatform: where only this user's programs connect", () => {
  assert.equal(platformWith("linux").privateSocketPath("/s/x"), "/s/x/socket");
  assert.equal(platformWith("darwin").privateSocketPath("/s/x"), "/s/x/socket");
  const windows = platformWith("windows");
  const pipe = windows.privateSocketPath("C:\\x");
  assert.match(pipe, /^\\\\\.\\pipe\\bastion-[0-9a-f-]{36}$/);
  assert.notEqual(windows.privateSocketPath("C:\\x"), pipe, "nobody else can have taken it");
});

Deno.test("createPlatform: terminals", () => {
  const table: Record<string, unknown[]> = {
    windows: [undefined, undefined, "xterm-256color"],
    darwin: ["SIGWINCH", "stty", "dumb"],
    linux: ["SIGWINCH", "stty", "dumb"],
  };
  for (const [os, expected] of Object.entries(table)) {
    const { resizeSignal, stty, terminalType } = platformWith(os);
    assert.deepEqual([resizeSignal, stty, terminalType], expected);
    assert.equal(platformWith(os, { TERM: "screen" }).terminalType, "screen");
  }
});

Deno.test("createPlatform: the signals of this system can be listened to", () => {
  for (const signal of platformWith(Deno.build.os).endSignals) {
    const ignore = () => {};
    Deno.addSignalListener(signal, ignore);
    Deno.removeSignalListener(signal, ignore);
  }
});

Deno.test("createPlatform: the home directory", () => {
  assert.equal(platformWith("windows", { USERPROFILE: "C:\\U", HOME: "/c/U" }).home, "C:\\U");
  assert.equal(platformWith("darwin", { HOME: "/Users/u" }).home, "/Users/u");
  assert.equal(platformWith("linux", { HOME: "" }).home, ".");
});

Deno.test("createPlatform: where OpenSSH is if PATH does not say, and how it is told a command", () => {
  const windows = platformWith("windows", { SystemRoot: "D:\\W", ProgramFiles: "D:\\P" });
  assert.deepEqual(windows.programDirectories, [
    "D:\\W\\System32\\OpenSSH",
    "D:\\P\\OpenSSH",
    "D:\\P\\Git\\usr\\bin",
  ]);
  const darwin = platformWith("darwin").programDirectories;
  assert.deepEqual(darwin, ["/usr/bin", "/opt/homebrew/bin", "/usr/local/bin"]);
  assert.deepEqual(platformWith("linux").programDirectories, ["/usr/bin", "/usr/local/bin"]);
  const command = ["C:\\a b\\x.exe", "it's"] as const;
  assert.equal(windows.commandLine([...command]), `"C:\\a b\\x.exe" "it's"`);
  for (const os of ["darwin", "linux"]) {
    assert.equal(platformWith(os).commandLine(["/a b/x", "it's"]), `'/a b/x' 'it'\\''s'`);
  }
});

Deno.test("createPlatform: how programs are found and started", () => {
  const windows = platformWith("windows", { SystemRoot: "D:\\W" });
  const cmd = "D:\\W\\System32\\cmd.exe";
  const line = (text: string) => ({
    program: cmd,
    args: ["/d", "/s", "/c", text],
    windowsRawArguments: true,
  });
  assert.deepEqual(windows.programFiles("az"), ["az.exe", "az.com", "az.cmd", "az.bat"]);
  assert.deepEqual(windows.programFiles("az.CMD"), ["az.CMD"]);
  assert.deepEqual(platformWith("linux").programFiles("az"), ["az"]);
  assert.deepEqual(
    windows.startOf(["C:\\Program Files/az.cmd", "--scope", "https://a.b//.default"]),
    line('""C:\\Program Files\\az.cmd" --scope https://a.b//.default"'),
  );
  assert.deepEqual(windows.startOf(["C:\\a b.exe", 'x "y" %z%']), {
    program: "C:\\a b.exe",
    args: ['x "y" %z%'],
  });
  assert.deepEqual(platformWith("darwin").startOf(["/bin/az.cmd", "a b"]), {
    program: "/bin/az.cmd",
    args: ["a b"],
    detached: true,
  });
  const refused: [string, ...string[]][] = [
    ["C:\\az.cmd", "a b"],
    ["C:\\az.cmd", "%PATH%"],
    ["C:\\az.bat", "a&calc"],
    ["C:\\az.cmd", 'a"b'],
    ["C:\\az.cmd", ""],
    ["C:\\%X%\\az.cmd"],
  ];
  for (const command of refused) {
    assert.throws(() => windows.startOf(command), { code: "command-failed" }, command.join(" "));
  }
});

Deno.test("listenError: the reason in the user's words", () => {
  const wsaAccess = new Error("forbidden by its access permissions. (os error 10013)");
  const cases: [os: Os, error: Error, code: string][] = [
    ["linux", new Deno.errors.AddrInUse("in use"), "local-port-taken"],
    ["windows", new Deno.errors.AddrInUse("in use"), "local-port-taken"],
    ["linux", new Deno.errors.AddrNotAvailable("none"), "local-address-unavailable"],
    ["linux", new Deno.errors.PermissionDenied("no"), "local-port-privileged"],
    ["darwin", new Deno.errors.PermissionDenied("no"), "local-port-privileged"],
    ["windows", new Deno.errors.PermissionDenied("no"), "local-port-excluded"],
    ["windows", wsaAccess, "local-port-excluded"],
    ["linux", new Error("odd port 10013"), "local-port-failed"],
    ["linux", new Error("something else"), "local-port-failed"],
  ];
  for (const [os, error, code] of cases) {
    const said = platformWith(os).listenError(error, "127.0.0.1", 443);
    assert.ok(isBastionError(said));
    assert.equal(said.code, code);
    assert.equal(said.exit, "local-port");
    assert.match(said.message, /127\.0\.0\.1/);
    assert.equal(said.cause, error);
  }
});
