import assert from "node:assert/strict";
import fc from "fast-check";
import { runSuccessfully } from "../../../tests/helpers/run.ts";
import { commandLineFor, type RemoteShell, remoteShell, SHELL_PROBE } from "./remote_shell.ts";

const posix = { ignore: Deno.build.os === "windows" };

Deno.test("remoteShell: by what it prints", () => {
  const cases: [answer: string, shell: RemoteShell][] = [
    ["Windows_NT$env:OS\r\n", "cmd"],
    ["%OS%Windows_NT\r\n", "powershell"],
    ["%OS%:OS\n", "posix"],
    ["", "posix"],
    ["This account is currently not available.\n", "posix"],
  ];
  for (const [answer, shell] of cases) assert.equal(remoteShell(answer), shell, answer);
});

Deno.test("remoteShell: a shell of this machine's", posix, async () => {
  const { stdout } = await runSuccessfully(["sh", "-c", SHELL_PROBE]);
  assert.equal(remoteShell(stdout), "posix");
});

Deno.test("commandLineFor: words, and the line of each shell", () => {
  const cases: [words: string[], lines: Partial<Record<RemoteShell, string>>][] = [
    [["dir", "a b"], {
      posix: "'dir' 'a b'",
      cmd: 'dir "a b"',
      powershell: "& 'dir' 'a b'",
    }],
    [["it's", "‘x’"], {
      posix: "'it'\\''s' '‘x’'",
      cmd: '"it\'s" "‘x’"',
      powershell: "& 'it''s' '‘‘x’’'",
    }],
    [["a&b|c", "$(x) `x` ;"], {
      posix: "'a&b|c' '$(x) `x` ;'",
      cmd: '"a&b|c" "$(x) `x` ;"',
      powershell: "& 'a&b|c' '$(x) `x` ;'",
    }],
    [["C:\\x\\"], {
      posix: "'C:'\\\\'x'\\\\''",
      cmd: "C:\\x\\",
      powershell: "& 'C:\\x\\'",
    }],
    [["C:\\a b\\"], { posix: "'C:'\\\\'a b'\\\\''", cmd: '"C:\\a b\\\\"' }],
    [["x", ""], { posix: "'x' ''", cmd: 'x ""' }],
    [["%PATH%"], { posix: "'%PATH%'", powershell: "& '%PATH%'" }],
    [["a!b"], { posix: "'a!b'", powershell: "& 'a!b'" }],
    [['say "x"'], { posix: "'say \"x\"'" }],
    [["a\nb"], { posix: "'a\nb'" }],
    [["a\0b"], {}],
  ];
  for (const [words, lines] of cases) {
    for (const shell of ["posix", "cmd", "powershell"] as const) {
      assert.equal(commandLineFor(shell, words), lines[shell], `${shell} ${JSON.stringify(words)}`);
    }
  }
});

Deno.test("commandLineFor: a shell of this machine's reads just these words", posix, async () => {
  const word = fc.string({ unit: "binary", maxLength: 12 }).filter((text) =>
    !text.includes("\0") && text.isWellFormed()
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (words) => {
      const line = commandLineFor("posix", ["printf", "%s\\0", ...words]);
      const { stdout } = await runSuccessfully(["sh", "-c", line ?? ""]);
      assert.deepEqual(stdout.split("\0").slice(0, -1), words);
    }),
    { numRuns: 50 },
  );
});
