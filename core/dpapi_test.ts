import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { windowsDpapi } from "./dpapi.ts";
import { createPlatform } from "./platform.ts";
import type { ProgramOptions, ProgramResult, ProgramRunner } from "./run_program.ts";

const USER = "S-1-5-21-1-2-3-1001";
const windows = createPlatform("windows", (name) => name === "SystemRoot" ? "D:\\W" : undefined);

/** Windows PowerShell, as far as it is asked here: a line is "protected" by turning it round. */
function powershell(result: Partial<ProgramResult> = {}, sddl = `D:P(A;;FA;;;${USER})`) {
  const runs: { command: readonly string[]; options: ProgramOptions | undefined }[] = [];
  const run: ProgramRunner = (command, options) => {
    runs.push({ command, options });
    const [, ...lines] = (options?.stdin ?? "").split("\n").filter(Boolean);
    const turned = lines.map((line) => [...line].reverse().join(""));
    const stdout = [USER, sddl, ...turned, ""].join("\r\n");
    return Promise.resolve({ code: 0, stdout, stderr: "", ...result });
  };
  return { runs, dpapi: windowsDpapi(windows, run) };
}

Deno.test("windowsDpapi: what was protected comes back, however long", async () => {
  const { dpapi, runs } = powershell();
  const text = `é${"0123456789".repeat(20_000)}`;
  const kept = await dpapi.protect(text, "C:\\U\\é");
  assert.equal(kept.split("\n").length, 5);
  assert.ok(kept.split("\n").every((line) => line.length <= 60_000));
  assert.equal(await dpapi.unprotect(kept, "C:\\U\\file"), text);
  for (const { command, options } of runs) {
    const [program, ...args] = command;
    assert.equal(program, "D:\\W\\System32\\WindowsPowerShell\\v1.0\\powershell.exe");
    assert.deepEqual(args.slice(0, -1), ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command"]);
    assert.doesNotMatch(command.join(" "), /0123456789|"/);
    assert.match(options?.env?.["PSModulePath"] ?? "", /^D:\\W\\System32\\WindowsPowerShell/);
  }
  const paths = runs.map(({ options }) =>
    Buffer.from(options?.stdin?.split("\n")[0] ?? "", "base64").toString()
  );
  assert.deepEqual(paths, ["C:\\U\\é", "C:\\U\\file"]);
  const scripts = runs.map(({ command }) => command.at(-1) ?? "");
  assert.match(
    scripts[0] ?? "",
    /ConvertFrom-SecureString \(ConvertTo-SecureString -String \$line/,
  );
  assert.match(scripts[1] ?? "", /NetworkCredential '', \(ConvertTo-SecureString -String \$line\)/);
});

Deno.test("windowsDpapi: a place that strangers may read is refused", async () => {
  const { dpapi } = powershell({}, `D:(A;;FA;;;${USER})(A;;FR;;;WD)`);
  await assert.rejects(dpapi.protect("x", "C:\\U"), {
    code: "private-file-unsafe",
    message: /WD may read it/,
    hint: /icacls "C:\\U"/,
  });
});

Deno.test("windowsDpapi: a failure is said without what PowerShell repeats", async () => {
  const stderr = "cannot convert planted";
  for (const result of [{ code: 1, stderr }, { stdout: `${USER}\r\nD:P`, stderr }]) {
    await assert.rejects(
      powershell(result).dpapi.unprotect("planted", "C:\\U\\f"),
      (error: Error) => {
        assert.match(error.message, /data protection failed/);
        assert.doesNotMatch(error.message, /planted/);
        return "code" in error && error.code === "file-failed";
      },
    );
  }
});
