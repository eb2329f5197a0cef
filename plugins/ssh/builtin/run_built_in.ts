/** `bastion ssh` on ssh2: what OpenSSH's client does for its user, with his streams and terminal. */

import type { CommandContext, Invocation, OptionValues } from "../../../core/mod.ts";
import { optionTexts } from "../option_texts.ts";
import type { SessionPlan } from "../session_plan.ts";
import { checkBuiltIn } from "./check_built_in.ts";
import { openLocalForwards } from "./local_forwards.ts";
import { type BuiltInConnection, openConnection } from "./open_connection.ts";
import { openSessionChannel } from "./open_session_channel.ts";
import { runSession, type SessionEnd } from "./run_session.ts";

/** As OpenSSH ends where there was no exit code: after `~.`, and where a signal ended the command. */
const NO_EXIT_CODE = 255;
/** As a program ends that SIGPIPE has ended. */
const NOBODY_READS = 128 + 13;

/** The exit code: the remote command's, as a rule. */
export async function runBuiltIn(
  plan: SessionPlan,
  invocation: Invocation,
  ctx: CommandContext,
): Promise<number> {
  checkBuiltIn(plan, invocation, ctx);
  const { options, args } = invocation;
  const { signal } = ctx;
  using stack = new DisposableStack();
  const forwards = stack.use(openLocalForwards(optionTexts(options, "local-forward"), ctx));
  await using connection = await openConnection(plan, options, ctx);
  const forwarded = forwards.serve(connection);
  if (options["no-command"] === true) return await untilEnd(connection, signal);
  const command = args.length === 0 ? undefined : args.join(" ");
  const withTerminal = wantsTerminal(command, options, ctx);
  const end = await inSession(connection, plan, { command, withTerminal }, ctx);
  if (end === "nobody-reads") return NOBODY_READS;
  if (withTerminal) ctx.out.notice(`Connection to ${plan.target.label} closed.`);
  if (end === "escape") return NO_EXIT_CODE;
  // As OpenSSH does: whoever goes by the VM still is not cut off.
  forwards[Symbol.dispose]();
  await Promise.race([forwarded, untilEnd(connection, signal)]);
  return end.code ?? NO_EXIT_CODE;
}

function wantsTerminal(
  command: string | undefined,
  options: OptionValues,
  { terminal, out }: CommandContext,
): boolean {
  const wanted = command === undefined || options["tty"] === true;
  if (!wanted || terminal.present) return wanted;
  out.notice("No terminal is made on the VM: stdin is not one.");
  return false;
}

async function inSession(
  connection: BuiltInConnection,
  { target }: SessionPlan,
  request: { readonly command: string | undefined; readonly withTerminal: boolean },
  ctx: CommandContext,
): Promise<SessionEnd> {
  const { channel, resize } = await openSessionChannel(
    connection,
    { ...request, target: target.label },
    ctx,
  );
  return await runSession(channel, {
    stdio: ctx.openStdio(),
    stderr: Deno.stderr,
    signal: ctx.signal,
    terminal: request.withTerminal ? { terminal: ctx.terminal, resize } : undefined,
  });
}

/** @throws BastionError why the way to the VM was lost; the signal's reason */
async function untilEnd({ ended }: BuiltInConnection, signal: AbortSignal): Promise<number> {
  const lost = await ended;
  signal.throwIfAborted();
  if (lost) throw lost;
  return NO_EXIT_CODE;
}
