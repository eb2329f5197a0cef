import assert from "node:assert/strict";
import { createPlatform } from "../../core/platform.ts";
import { chooseLauncher, type LauncherWish } from "./choose_launcher.ts";

const systems = {
  windows: { SystemRoot: "D:\\Win", USERPROFILE: "C:\\Users\\ann" },
  darwin: { HOME: "/Users/ann" },
  linux: { HOME: "/home/ann", DISPLAY: ":0" },
} as const;

interface Row {
  readonly os: keyof typeof systems;
  /** What is on the computer. */
  readonly there: readonly string[];
  readonly wish?: Partial<LauncherWish>;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The command line, an error's code, or why there is no launcher. */
  readonly gives: readonly string[] | string | RegExp;
}

const MSTSC = "D:\\Win\\System32\\mstsc.exe";
const APP = "/Applications/Windows App.app";
const OLD_APP = "/Users/ann/Applications/Microsoft Remote Desktop.app";
const OPEN = "/usr/bin/open";
const FILE = "/tmp/a b;c/x.rdp";

const rows: readonly Row[] = [
  { os: "windows", there: [MSTSC], gives: [MSTSC, FILE] },
  { os: "windows", there: [MSTSC], args: ["/f"], gives: [MSTSC, FILE, "/f"] },
  {
    os: "windows",
    there: [MSTSC],
    wish: { configure: true },
    gives: [MSTSC, "/edit", FILE],
  },
  // What is merely called mstsc is not Windows' own.
  { os: "windows", there: ["mstsc", "mstsc.exe"], gives: /none of D:.*mstsc\.exe was found/ },
  { os: "windows", there: [], wish: { name: "mstsc" }, gives: "rdp/launcher-missing" },
  {
    os: "windows",
    there: ["xfreerdp"],
    wish: { name: "xfreerdp" },
    gives: "rdp/launcher-missing",
  },
  { os: "darwin", there: [APP, "xfreerdp"], gives: [OPEN, "-a", APP, FILE] },
  {
    os: "darwin",
    there: [APP],
    args: ["-x"],
    gives: [OPEN, "-a", APP, FILE, "--args", "-x"],
  },
  { os: "darwin", there: [OLD_APP], gives: [OPEN, "-a", OLD_APP, FILE] },
  { os: "darwin", there: ["xfreerdp"], gives: ["xfreerdp", FILE] },
  {
    os: "darwin",
    there: [APP, "xfreerdp"],
    wish: { name: "xfreerdp" },
    gives: ["xfreerdp", FILE],
  },
  {
    os: "darwin",
    there: [APP],
    wish: { configure: true },
    gives: "rdp/launcher-shows-no-settings",
  },
  { os: "darwin", there: [], gives: /none of .*Windows App\.app.* was found/ },
  { os: "linux", there: ["xfreerdp", "remmina"], gives: ["xfreerdp", FILE] },
  { os: "linux", there: ["xfreerdp", "xfreerdp3"], gives: ["xfreerdp3", FILE] },
  { os: "linux", there: ["remmina"], gives: ["remmina", "-c", FILE] },
  {
    os: "linux",
    there: ["xfreerdp", "remmina"],
    wish: { configure: true },
    gives: ["remmina", "-e", FILE],
  },
  {
    os: "linux",
    there: ["xfreerdp"],
    wish: { configure: true },
    gives: "rdp/launcher-shows-no-settings",
  },
  {
    os: "linux",
    there: ["xfreerdp", "remmina"],
    wish: { name: "xfreerdp", configure: true },
    gives: "rdp/launcher-shows-no-settings",
  },
  {
    os: "linux",
    there: ["xfreerdp"],
    wish: { name: "remmina" },
    gives: "rdp/launcher-missing",
  },
  { os: "linux", there: ["xfreerdp"], wish: { name: "none" }, gives: /--launcher none/ },
  { os: "linux", there: ["xfreerdp"], env: { DISPLAY: "" }, gives: /no screen/ },
  // Who asks for one knows why.
  {
    os: "linux",
    there: ["xfreerdp"],
    env: { DISPLAY: "" },
    wish: { name: "xfreerdp" },
    gives: ["xfreerdp", FILE],
  },
];

for (const { os, there, wish = {}, env = {}, args = [], gives } of rows) {
  const said = JSON.stringify({ there, ...wish, ...env, args });
  Deno.test(`chooseLauncher on ${os}: ${said}`, async () => {
    const variables: Record<string, string> = { ...systems[os], ...env };
    const present = (name: string) => there.includes(name);
    const choosing = chooseLauncher({ configure: false, ...wish }, {
      platform: createPlatform(os, (name) => variables[name]),
      findProgram: (name) => Promise.resolve(present(name) ? name : undefined),
      isDirectory: (path) => Promise.resolve(path.endsWith(".app") && present(path)),
      error: (code) => Object.assign(new Error(code), { code }),
    });
    if (typeof gives === "string") return await assert.rejects(choosing, { code: gives });
    const chosen = await choosing;
    if (gives instanceof RegExp) return assert.match(chosen.launcher ? "one" : chosen.why, gives);
    if (!chosen.launcher) return assert.fail(chosen.why);
    const { launcher, found } = chosen;
    const make = (wish.configure && launcher.configure) || launcher.start;
    assert.deepEqual(make(found, FILE, args), gives);
  });
}
