/** What `bastion ssh` does: resolve, sign in, hand over to a client, clean up. */

import type {
  CommandContext,
  CommandHandler,
  Invocation,
  OptionValues,
  Target,
  VmSignIn,
} from "../../core/mod.ts";
import { checkUser } from "./check_user.ts";
import { findGoal } from "./find_goal.ts";
import { findOpenSsh } from "./find_open_ssh.ts";
import { runNative } from "./native/run_native.ts";
import { readPassword } from "./read_password.ts";
import type { SessionPlan } from "./session_plan.ts";

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
  const { target } = goal;
  const named = readUser(invocation, target, ctx);
  const authType = readAuthType(options, ctx);
  await using stack = new AsyncDisposableStack();
  const signIn = authType === undefined
    ? undefined
    : stack.use(await openSignIn(authType, { target, user: named }, options, ctx));
  const user = signIn?.user ?? named;
  checkUser(user, ctx);
  const plan: SessionPlan = {
    ...goal,
    ...(user === undefined ? {} : { user }),
    ...(signIn && authType !== undefined
      ? {
        signIn: {
          name: authType,
          methods: signIn.methods,
          ...(signIn.expiresOn === undefined ? {} : { expiresOn: signIn.expiresOn }),
        },
      }
      : {}),
  };
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
  const found = typeof named === "string" ? named : user ?? target.user;
  checkUser(found, ctx);
  return found;
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

async function openSignIn(
  authType: string,
  { target, user }: { readonly target: Target; readonly user: string | undefined },
  options: OptionValues,
  ctx: CommandContext,
): Promise<VmSignIn> {
  const key = options["ssh-key"];
  const password = options["password-stdin"] === true
    ? ctx.secret(await readPassword(Deno.stdin, ctx))
    : undefined;
  return await ctx.signIn(authType, {
    target,
    signal: ctx.signal,
    ...(user === undefined ? {} : { user }),
    ...(typeof key === "string" ? { key } : {}),
    ...(password === undefined ? {} : { password }),
  });
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
