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

/** How Windows divides a line that has neither a backslash before a quote nor a quote in a word. */
function windowsWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|([^" ]+)/g)].map(([, quoted, plain = ""]) => quoted ?? plain);
}

const ID =
  "/subscriptions/0e0e/resourceGroups/net (old)/providers/Microsoft.Network/bastionHosts/hub";
const PROXY = ["proxy", `--bastion=${ID}`, "--target-ip-address=10.1.0.4", "--no-check"] as const;

const WINDOWS_PROXIES: readonly (readonly [string, ...string[]])[] = [
  // Compiled.
  ["C:\\Tools\\bastion.exe", ...PROXY],
  ["C:\\Program Files\\bastion\\bastion.exe", ...PROXY],
  ["C:\\Program Files (x86)\\R&D\\a^b\\bastion.exe", ...PROXY],
  ["C:\\Users\\Zoë O'Neil\\bastion;1,2=3\\bastion.exe", ...PROXY, "--config=D:\\my files\\b.yaml"],
  // From source.
  [
    "C:\\Users\\ann lee\\.deno\\bin\\deno.exe",
    ...["run", "--no-prompt", "-A", "--v8-flags=--max-semi-space-size=2", "--config"],
    ...["C:\\src\\my & bastion\\deno.json", "C:\\src\\my & bastion\\cli\\main.ts", ...PROXY],
  ],
  // What the shells of others would read.
  ["C:\\b.exe", "a|b", "a>b", "a<b", "(x)", "*", "~", "#x", "{a,b}", "a'b", "", "-oX", "^&"],
];

for (const words of WINDOWS_PROXIES) {
  Deno.test(`Windows and Git's shell read the same: ${words[0]} ${words.length} words`, async () => {
    const line = windowsCommandLine(words);
    assert.deepEqual(windowsWords(line), words);
    // Git's ssh has a shell read it.
    const script = `set -- ${line}; printf '%s\\n' "$@"`;
    const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", script] }).output();
    assert.deepEqual(new TextDecoder().decode(stdout).split("\n"), [...words, ""]);
  });
}

Deno.test("a program on a share is the same for Windows and for Git's shell", () => {
  assert.equal(
    windowsCommandLine(["\\\\srv\\apps\\bastion.exe", "proxy", "--ca-file=\\\\srv\\ca.pem"]),
    "//srv/apps/bastion.exe proxy --ca-file=//srv/ca.pem",
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
