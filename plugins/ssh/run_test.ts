import assert from "node:assert/strict";
import type { CommandContext, Invocation, Target, VmSignIn } from "../../core/mod.ts";
import { createPlatform } from "../../core/platform.ts";
import { createManualClock } from "../../core/testing/manual_clock.ts";
import { BastionError, describeError } from "../../core/errors.ts";
import { fakeTarget } from "../../tests/helpers/fake_target.ts";
import { errors } from "./errors.ts";
import { run } from "./run.ts";

/** What is said and how it ends; no ssh is installed where `doors` has none. */
async function runWith(
  options: Invocation["options"],
  signal = new AbortController().signal,
  doors: Partial<CommandContext> = {},
) {
  const said: unknown[] = [];
  const ctx = {
    signal,
    clock: createManualClock(),
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
    ...doors,
  } as unknown as CommandContext;
  const code = await run({ options, args: [], rest: [] }, ctx);
  return { code, said };
}

Deno.test("ssh: where there is none, the places that were looked at are named", async () => {
  const { code, said } = await runWith({ client: "native" });
  assert.equal(code, 255);
  const [event] = said as { code: string; message: string; exitCode: number }[];
  assert.equal(event?.code, "ssh/client-missing");
  assert.equal(event.exitCode, 255);
  assert.match(event.message, /System32\\OpenSSH.*Git\\usr\\bin/);
  const asked = await runWith({ "ssh-path": "C:\\x\\ssh.exe" });
  assert.match(JSON.stringify(asked.said), /"command-not-found".*ssh\.exe/);
});

Deno.test("ssh: where there is none, the client that is built in does it, and that is said once", async () => {
  const notices: string[] = [];
  const target = { label: "app/web1:22", resourceId: "/vm", port: 22, notes: [] };
  const doors = {
    resolve: () => Promise.resolve(target),
    out: {
      event: (_name: string, fields: object) => notices.push(JSON.stringify(fields)),
      failure() {},
      notice: (text: string) => notices.push(text),
    },
  } as unknown as Partial<CommandContext>;
  // Only it refuses this option.
  await runWith({ "dynamic-forward": ["1080"] }, undefined, doors);
  assert.equal(notices.length, 2);
  assert.match(notices[0] ?? "", /^No ssh was found.*built in is used/);
  assert.match(notices[1] ?? "", /ssh\/builtin-cannot/);
});

Deno.test("ssh: --ssh-path is of no use to the client that is built in", async () => {
  const { said } = await runWith({ client: "builtin", "ssh-path": "/ssh" });
  assert.match(JSON.stringify(said), /"ssh\/client-twice"/);
});

Deno.test("ssh: what a signal has ended is the signal's to say", async () => {
  await assert.rejects(runWith({}, AbortSignal.abort(new Error("SIGINT"))), /SIGINT/);
});

/** What a client would be started with: its arguments and what is added to its environment. */
async function runWithClient(env: Record<string, string>, signIn: Partial<VmSignIn> = {}) {
  const started: { command: readonly string[]; env: Readonly<Record<string, string>> }[] = [];
  const target: Target = { ...fakeTarget({ id: "/hub" }), resourceId: "/vm" };
  const { code, said } = await runWith(
    { "auth-type": "agent", "known-hosts": "/f" },
    undefined,
    {
      platform: createPlatform("linux", (name) => env[name]),
      findProgram: () => Promise.resolve("/ssh"),
      selfCommand: (args) => ["/bastion", ...args],
      resolve: () => Promise.resolve(target),
      signIn: () =>
        Promise.resolve({
          methods: [{ kind: "agent" }],
          [Symbol.asyncDispose]: () => Promise.resolve(),
          ...signIn,
        }),
      spawn: (command, { env = {} } = {}) => {
        started.push({ command, env });
        return Promise.resolve(0);
      },
    },
  );
  return { code, said, started };
}

Deno.test("ssh: a VM that is on the way does not get the last host's password", async () => {
  const { started } = await runWithClient({ BASTION_ASKPASS_FILE: "/state/ssh-1/password" });
  assert.deepEqual(started[0]?.env, { SSH_ASKPASS_REQUIRE: "never", BASTION_ASKPASS_FILE: "" });
  const alone = await runWithClient({});
  assert.deepEqual(alone.started[0]?.env, {}, "an askpass program of the user's own stays");
});

Deno.test("ssh: a user whom the sign-in names must be one, too", async () => {
  const { started } = await runWithClient({}, { user: "ann@contoso.com" });
  assert.match(started[0]?.command.join(" ") ?? "", / -l ann@contoso\.com vm\./);
  for (const user of ["-oX", "$(touch x)", "a b", "a\u001b[2J"]) {
    const { code, said, started } = await runWithClient({}, { user });
    assert.deepEqual([code, started], [255, []]);
    assert.match(JSON.stringify(said), /ssh\/user-odd/);
  }
});
