import assert from "node:assert/strict";
import type { CommandContext, Invocation } from "../../core/mod.ts";
import { createPlatform } from "../../core/platform.ts";
import { BastionError, describeError } from "../../core/errors.ts";
import { errors } from "./errors.ts";
import { run } from "./run.ts";

/** What is said and how it ends, where no ssh is installed. */
async function runWithoutClient(
  options: Invocation["options"],
  signal = new AbortController().signal,
) {
  const said: unknown[] = [];
  const ctx = {
    signal,
    platform: createPlatform("windows", () => undefined),
    out: {
      event: (name: string, fields: object) => said.push({ event: name, ...fields }),
      failure: () => {},
    },
    findProgram: () => Promise.resolve(undefined),
    describeError,
    error: (code: string, params: Record<string, string> = {}) => {
      const own = errors[code.replace(/^ssh\//, "") as keyof typeof errors];
      return new BastionError(
        code,
        own ?? { exit: "usage", message: "{program}", hint: "" },
        params,
      );
    },
  } as unknown as CommandContext;
  const code = await run({ options, args: [], rest: [] }, ctx);
  return { code, said };
}

Deno.test("ssh: where there is none, the places that were looked at are named", async () => {
  const { code, said } = await runWithoutClient({});
  assert.equal(code, 255);
  const [event] = said as { code: string; message: string; exitCode: number }[];
  assert.equal(event?.code, "ssh/client-missing");
  assert.equal(event.exitCode, 255);
  assert.match(event.message, /System32\\OpenSSH.*Git\\usr\\bin/);
  const asked = await runWithoutClient({ "ssh-path": "C:\\x\\ssh.exe" });
  assert.match(JSON.stringify(asked.said), /"command-not-found".*ssh\.exe/);
});

Deno.test("ssh: what a signal has ended is the signal's to say", async () => {
  await assert.rejects(runWithoutClient({}, AbortSignal.abort(new Error("SIGINT"))), /SIGINT/);
});
