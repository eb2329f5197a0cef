/** Starts this computer's OpenSSH with our proxy, waits for its end, and says what it failed with. */

import type { CommandContext, Invocation, OptionValues } from "../../../core/mod.ts";
import type { SessionPlan } from "../session_plan.ts";
import { forgetAskpass } from "./askpass.ts";
import { type ClientSignIn, clientSignIn } from "./client_sign_in.ts";
import { explainFailure } from "./explain_failure.ts";
import { hostKeySettings } from "./host_key_settings.ts";
import { openWay } from "./open_way.ts";

/** As OpenSSH ends where there was no session. */
const NO_SESSION = 255;
/** So much of the end of ssh's stderr is looked at, in characters. */
const MAX_SAID = 8192;

/**
 * The exit code: the remote command's, or ssh's own 255.
 * @param program ssh's full path
 */
export async function runNative(
  program: string,
  plan: SessionPlan,
  invocation: Invocation,
  ctx: CommandContext,
): Promise<number> {
  const { options } = invocation;
  const { target, keyAlias, hostName, user, signIn } = plan;
  await using stack = new AsyncDisposableStack();
  let client: ClientSignIn | undefined;
  if (signIn) client = stack.use(await clientSignIn(signIn, ctx));
  const hostKeys = await hostKeySettings(options, keyAlias, ctx);
  const key = options["ssh-key"];
  const way = stack.use(await openWay(plan, options, ctx));
  const words = [
    // The first value of a setting counts: where the connection goes to is ours to say.
    ...settings(way.settings),
    ...settings(texts(options, "ssh-option")),
    ...settings(hostKeys.settings),
    ...settings(client?.settings ?? []),
    ...settings(["ServerAliveInterval=30", "ServerAliveCountMax=3"]),
    ...(signIn === undefined && typeof key === "string" ? ["-i", key] : []),
    ...texts(options, "local-forward").flatMap((spec) => ["-L", spec]),
    ...texts(options, "remote-forward").flatMap((spec) => ["-R", spec]),
    ...texts(options, "dynamic-forward").flatMap((spec) => ["-D", spec]),
    ...(options["tty"] === true ? ["-t"] : []),
    ...(options["no-command"] === true ? ["-N"] : []),
    ...(user === undefined ? [] : ["-l", user]),
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
    user: user ?? "the user",
    authType: signIn?.name ?? "",
    file: hostKeys.file ?? "",
    keyAlias,
    hostName,
  });
  if (explanation) throw ctx.error(explanation.code, explanation.params);
  return code;
}

function settings(list: readonly string[]): string[] {
  return list.flatMap((setting) => ["-o", setting]);
}

function texts(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value : [];
}
