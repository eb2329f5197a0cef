import assert from "node:assert/strict";
import { unixCommandLine, windowsCommandLine } from "./command_line.ts";

const WORDS = [
  "it's",
  "a b",
  "$(touch x)",
  "`id`",
  "a;b",
  "&",
  "|",
  "*",
  "~",
  "",
  "-oX",
  "ä\\b",
  "\\';x;'",
  "a\\",
  "!",
];

Deno.test("a shell reads each word of the line as it was", async () => {
  const line = unixCommandLine(["/bin/echo", ...WORDS]);
  const script = line.replace(/^\S+/, "printf '%s\\n'");
  const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", script] }).output();
  assert.deepEqual(new TextDecoder().decode(stdout).split("\n"), [...WORDS, ""]);
});

Deno.test("no backslash stands within quotes, where fish would escape the quote with it", () => {
  assert.equal(unixCommandLine(["x", "a\\';y"]), "x 'a'\\\\''\\'';y'");
});

Deno.test("plain words stay readable", () => {
  assert.equal(
    unixCommandLine(["/usr/bin/bastion", "proxy", "--x=1"]),
    "/usr/bin/bastion proxy --x=1",
  );
  assert.equal(
    windowsCommandLine(["C:\\Program Files\\bastion.exe", "proxy", "a/b"]),
    '"C:\\Program Files\\bastion.exe" proxy a/b',
  );
});

Deno.test("what cannot be quoted for every ssh is refused", () => {
  for (const word of ["a\nb", "a\0b"]) {
    assert.throws(() => unixCommandLine(["x", word]), { code: "command-failed" });
  }
  for (const word of ['a"b', "$x", "%PATH%", "`x`", "a!b", "dir\\", "a\nb"]) {
    assert.throws(() => windowsCommandLine(["x", word]), { code: "command-failed" });
  }
});
