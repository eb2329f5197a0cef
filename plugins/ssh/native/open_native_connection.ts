/** An SSH connection by this computer's OpenSSH, its channels in our hands. */

import type { OptionValues, PluginContext } from "../../../core/mod.ts";
import type { SessionPlan } from "../session_plan.ts";
import type { SshConnection } from "../ssh_connection.ts";
import { openClientSetup } from "./client_setup.ts";
import type { NativeConnection } from "./native_connection.ts";
import { type ChannelWords, type NativeChannel, openChannel } from "./open_channel.ts";
import { openMaster } from "./open_master.ts";
import { proxySettings } from "./open_way.ts";
import { proxyWords } from "./proxy_words.ts";
import { openRunDirectory } from "./run_directory.ts";
import { settingOptions } from "./ssh_setting.ts";

/** What the user's configuration may say of interactive sessions is not meant here. */
const PLAIN = [
  "RequestTTY=no",
  "RemoteCommand=none",
  "PermitLocalCommand=no",
  "ClearAllForwardings=yes",
  // Where each channel is an ssh of its own.
  "ControlPath=none",
];

/**
 * Where channels cannot share one connection (on Windows), each signs in by itself: what is wrong
 * is then told by the first of them.
 * @param program ssh's full path
 * @throws BastionError `ssh/…`
 */
export async function openNativeConnection(
  program: string,
  plan: SessionPlan,
  options: OptionValues,
  ctx: PluginContext,
  signal: AbortSignal,
): Promise<SshConnection> {
  const { label: target, port: targetPort } = plan.target;
  await using stack = new AsyncDisposableStack();
  const { path: directory } = stack.use(await openRunDirectory(ctx));
  const way = proxySettings(proxyWords(plan.target, options), targetPort, ctx);
  const words = settingOptions([...way, ...PLAIN]);
  const alone: NativeConnection = { program, words, directory, target, ctx };
  const setup = await openClientSetup(plan, options, ctx);
  // What a sign-in needs on disk is gone once all have signed in, not only when the session ends.
  const master = await openMaster(alone, setup, signal).finally(() => setup[Symbol.asyncDispose]());
  if (master) stack.use(master.process);
  const channels = new Set<NativeChannel>();
  stack.defer(async () => {
    await Promise.all(Array.from(channels, (channel) => channel[Symbol.asyncDispose]()));
  });

  async function open(what: ChannelWords, request: string) {
    signal.throwIfAborted();
    const channel = master
      ? openChannel({ ...alone, master }, setup, what, request)
      : await openByItself(what, request);
    channels.add(channel);
    channel.drained.then(() => channels.delete(channel));
    return channel;
  }

  async function openByItself(what: ChannelWords, request: string) {
    const own = await openClientSetup(plan, options, ctx);
    const channel = openChannel(alone, own, what, request);
    const ended = channel.ended.finally(() => own[Symbol.asyncDispose]());
    // Whoever reads is told as well.
    ended.catch(() => {});
    return { ...channel, ended };
  }

  /** A channel without a stderr of its own: what it says goes to the errors. */
  async function stream(what: ChannelWords, request: string) {
    const channel = await open(what, request);
    const buffer = new Uint8Array(1024);
    const drain = async () => {
      while (await channel.stderr.read(buffer) !== null);
    };
    drain().catch(() => {});
    return channel;
  }

  const owned = stack.move();
  return {
    exec: (command) => open({ behind: [command] }, "a command"),
    openSubsystem: (name) => stream({ before: ["-s"], behind: [name] }, `the subsystem ${name}`),
    forward: (host, port) =>
      stream({ before: ["-W", `[${host}]:${port}`] }, `a connection to ${host}:${port}`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
