/** Starts this computer's OpenSSH with our proxy, waits for its end, and says what it failed with. */

import type { CommandContext, Invocation } from "../../../core/mod.ts";
import { optionTexts } from "../option_texts.ts";
import type { SessionPlan } from "../session_plan.ts";
import { openClientSetup } from "./client_setup.ts";
import { openWay } from "./open_way.ts";
import { settingOptions } from "./ssh_setting.ts";

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
  await using stack = new AsyncDisposableStack();
  const setup = stack.use(await openClientSetup(plan, options, ctx));
  const way = stack.use(await openWay(plan, options, ctx));
  const words = [
    // The first value of a setting counts: where the connection goes to is ours to say.
    ...settingOptions(way.settings),
    ...settingOptions(optionTexts(options, "ssh-option")),
    ...setup.words,
    ...optionTexts(options, "local-forward").flatMap((spec) => ["-L", spec]),
    ...optionTexts(options, "remote-forward").flatMap((spec) => ["-R", spec]),
    ...optionTexts(options, "dynamic-forward").flatMap((spec) => ["-D", spec]),
    ...(options["tty"] === true ? ["-t"] : []),
    ...(options["no-command"] === true ? ["-N"] : []),
    ...setup.login,
    ...invocation.rest,
    ...invocation.args,
  ];
  let said = "";
  const decoder = new TextDecoder();
  const code = await ctx.spawn([program, ...words], {
    env: setup.env,
    onStderr: (bytes) => said = (said + decoder.decode(bytes, { stream: true })).slice(-MAX_SAID),
  });
  const failure = code === NO_SESSION ? setup.explain(said) : undefined;
  if (failure) throw failure;
  return code;
}
