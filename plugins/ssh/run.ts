/** What `bastion ssh` does: resolve, sign in, start OpenSSH with our proxy, clean up. */

import type {
  CommandContext,
  CommandHandler,
  Invocation,
  OptionValues,
  Target,
  VmSignIn,
} from "../../core/mod.ts";
import { forgetAskpass } from "./askpass.ts";
import { type ClientSignIn, clientSignIn } from "./client_sign_in.ts";
import { explainFailure } from "./explain_failure.ts";
import { findGoal } from "./find_goal.ts";
import { hostKeySettings } from "./host_key_settings.ts";
import { readPassword } from "./read_password.ts";

/** As OpenSSH ends where there was no session. */
const NO_SESSION = 255;
/** So much of the end of ssh's stderr is looked at, in characters. */
const MAX_SAID = 8192;

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
  const program = await findClient(options, ctx);
  const { target, keyAlias, hostName, openWay } = await findGoal(invocation, ctx);
  const user = readUser(invocation, target, ctx);
  const authType = readAuthType(options, ctx);
  await using stack = new AsyncDisposableStack();
  let signIn: VmSignIn | undefined;
  let client: ClientSignIn | undefined;
  if (authType !== undefined) {
    signIn = stack.use(await openSignIn(authType, { target, user }, options, ctx));
    client = stack.use(await clientSignIn(signIn, ctx));
  }
  const hostKeys = await hostKeySettings(options, keyAlias, ctx);
  const key = options["ssh-key"];
  const login = signIn?.user ?? user;
  checkUser(login, ctx);
  const way = stack.use(await openWay(login));
  const words = [
    // The first value of a setting counts: where the connection goes to is ours to say.
    ...settings(way.settings),
    ...settings(texts(options, "ssh-option")),
    ...settings(hostKeys.settings),
    ...settings(client?.settings ?? []),
    ...settings(["ServerAliveInterval=30", "ServerAliveCountMax=3"]),
    ...(authType === undefined && typeof key === "string" ? ["-i", key] : []),
    ...texts(options, "local-forward").flatMap((spec) => ["-L", spec]),
    ...texts(options, "remote-forward").flatMap((spec) => ["-R", spec]),
    ...texts(options, "dynamic-forward").flatMap((spec) => ["-D", spec]),
    ...(options["tty"] === true ? ["-t"] : []),
    ...(options["no-command"] === true ? ["-N"] : []),
    ...(login === undefined ? [] : ["-l", login]),
    hostName,
    ...invocation.rest,
    ...invocation.args,
  ];
  let said = "";
  const decoder = new TextDecoder();
  const code = await ctx.spawn([program, ...words], {
    env: { ...forgetAskpass(ctx), ...client?.env },
    onStderr: (bytes) => said = (said + decoder.decode(bytes, { stream: true })).slice(-MAX_SAID),
  });
  if (code !== NO_SESSION) return code;
  const explanation = explainFailure(said, {
    target: target.label,
    user: login ?? "the user",
    authType: authType ?? "",
    file: hostKeys.file ?? "",
    keyAlias,
    hostName,
  });
  if (explanation) say(ctx.error(explanation.code, explanation.params), ctx);
  return code;
}

async function findClient(options: OptionValues, ctx: CommandContext): Promise<string> {
  const asked = options["ssh-path"];
  const found = await ctx.findProgram(typeof asked === "string" ? asked : "ssh");
  if (found !== undefined) return found;
  if (typeof asked === "string") throw ctx.error("command-not-found", { program: asked });
  const places = ctx.platform.programDirectories.join(", ");
  throw ctx.error("ssh/client-missing", { places });
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

/** Whoever has named it, Entra's certificate as well: ssh puts it into commands of the user's own. */
function checkUser(user: string | undefined, ctx: CommandContext): void {
  const plain = /^[^\s\p{Cc}"'`$\\;&<>|(){}-][^\s\p{Cc}"'`$;&<>|(){}]*$/u;
  if (user !== undefined && !plain.test(user)) {
    throw ctx.error("ssh/user-odd", { user: quoted(user) });
  }
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

function settings(list: readonly string[]): string[] {
  return list.flatMap((setting) => ["-o", setting]);
}

function texts(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value : [];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
