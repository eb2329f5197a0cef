import assert from "node:assert/strict";
import { isWindowsHome, remotePath } from "./remote_path.ts";

Deno.test("isWindowsHome: by the drive", () => {
  const cases: [home: string, windows: boolean][] = [
    ["/C:/Users/ada", true],
    ["/d:/", true],
    ["/D:", true],
    ["/home/ada", false],
    ["/", false],
    ["/C:x", false],
    ["/root/C:/x", false],
  ];
  for (const [home, windows] of cases) assert.equal(isWindowsHome(home), windows, home);
});

Deno.test("remotePath: a server of Windows'", () => {
  const cases: [written: string, path: string | undefined][] = [
    ["C:\\Users\\ada\\x", "/C:/Users/ada/x"],
    ["C:/x", "/C:/x"],
    ["d:\\Data\\two words", "/d:/Data/two words"],
    ["/C:/x", "/C:/x"],
    ["\\C:\\x", "/C:/x"],
    ["C:", "/C:/"],
    ["C:\\", "/C:/"],
    ["/C:", "/C:/"],
    ["/x", "/C:/x"],
    ["\\Windows\\Temp", "/C:/Windows/Temp"],
    ["/", "/C:/"],
    ["~", "/C:/Users/ada"],
    [".", "/C:/Users/ada"],
    ["", "/C:/Users/ada"],
    ["~\\x", "/C:/Users/ada/x"],
    ["~/x/y", "/C:/Users/ada/x/y"],
    ["x", "/C:/Users/ada/x"],
    ["x\\y", "/C:/Users/ada/x/y"],
    ["..\\bob", "/C:/Users/ada/../bob"],
    ["ö ü", "/C:/Users/ada/ö ü"],
    // Shares, and paths that depend on where somebody was last.
    ["\\\\server\\share\\x", undefined],
    ["//server/share/x", undefined],
    ["\\\\?\\C:\\x", undefined],
    ["C:x", undefined],
  ];
  for (const [written, path] of cases) {
    assert.equal(remotePath(written, "/C:/Users/ada"), path, written);
  }
  assert.equal(remotePath("x", "/D:/"), "/D:/x");
  assert.equal(remotePath("/x", "/D:/"), "/D:/x");
});

Deno.test("remotePath: any other server", () => {
  const cases: [written: string, path: string][] = [
    ["/x", "/x"],
    ["//x", "//x"],
    ["x", "/home/ada/x"],
    ["~", "/home/ada"],
    ["~/x", "/home/ada/x"],
    ["./x", "/home/ada/./x"],
    ["../bob", "/home/ada/../bob"],
    ["", "/home/ada"],
    // There these are letters of a name.
    ["C:\\x", "/home/ada/C:\\x"],
    ["a\\b", "/home/ada/a\\b"],
    ["C:/x", "/home/ada/C:/x"],
    ["~bob/x", "/home/ada/~bob/x"],
  ];
  for (const [written, path] of cases) {
    assert.equal(remotePath(written, "/home/ada"), path, written);
  }
  assert.equal(remotePath("x", "/"), "/x");
});
