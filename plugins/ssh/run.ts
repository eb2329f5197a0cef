/** What `bastion ssh` does: resolve, sign in, hand over to a client, clean up. */

import type {
  CommandContext,
  CommandHandler,
  Invocation,
  OptionValues,
  Target,
} from "../../core/mod.ts";
import { findGoal } from "./find_goal.ts";
import { findOpenSsh } from "./find_open_ssh.ts";
import { runNative } from "./native/run_native.ts";
import { planSession } from "./plan_session.ts";
import { readPassword } from "./read_password.ts";

/** As OpenSSH ends where there was no session. */
const NO_SESSION = 255;

export const run: CommandHandler = async (invocation, ctx) => {
  try {
    return await openSession(invocation, ctx);
  } catch (error) {
    // The signal's exit code is the program's affair.
    ctx.signal.throwIfAborted();
    say(error, ctx);
    return NO_SESSION;
  }
};

async function openSession(invocation: Invocation, ctx: CommandContext): Promise<number> {
  const { options } = invocation;
  const program = await findOpenSsh(options, ctx, ctx.out.notice);
  const goal = await findGoal(invocation, ctx);
  const user = readUser(invocation, goal.target, ctx);
  const authType = readAuthType(options, ctx);
  const key = options["ssh-key"];
  const password = options["password-stdin"] === true
    ? ctx.secret(await readPassword(Deno.stdin, ctx))
    : undefined;
  const entry = {
    authType,
    signal: ctx.signal,
    ...(user === undefined ? {} : { user }),
    ...(typeof key === "string" ? { key } : {}),
    ...(password === undefined ? {} : { password }),
  };
  await using stack = new AsyncDisposableStack();
  const plan = await planSession(goal, entry, stack, ctx);
  if (program !== undefined) return await runNative(program, plan, invocation, ctx);
  // Its library is heavy, and of no use to the other.
  const { runBuiltIn } = await import("./builtin/run_built_in.ts");
  return await runBuiltIn(plan, invocation, ctx);
}

function readUser({ options, user }: Invocation, target: Target, ctx: CommandContext) {
  const named = options["username"];
  if (typeof named === "string" && user !== undefined && named !== user) {
    throw ctx.error("ssh/user-twice", { first: quoted(named), second: quoted(user) });
  }
  return typeof named === "string" ? named : user ?? target.user;
}

function readAuthType(options: OptionValues, ctx: CommandContext): string | undefined {
  const given = options["auth-type"];
  const authType = typeof given === "string" ? given : undefined;
  if (options["password-stdin"] !== true) return authType;
  if (authType !== undefined && authType !== "password") {
    throw ctx.error("ssh/password-stdin-useless", { authType });
  }
  return "password";
}

/** On stderr, as ssh's failures are; with `--json` as an event. */
function say(error: unknown, { out, describeError }: CommandContext): void {
  const { code, message, hint } = describeError(error);
  out.event("error", { code, message, hint, exitCode: NO_SESSION });
  out.failure(error);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
