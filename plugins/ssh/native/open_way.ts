/** How ssh gets to the VM: by our proxy, by a local port where the user wants one, or by another VM. */

import type { CommandContext, OptionValues, PluginContext, Target } from "../../../core/mod.ts";
import type { Behind } from "../find_goal.ts";
import type { SessionPlan } from "../session_plan.ts";
import { proxyWords, settingWords, targetWords } from "./proxy_words.ts";

export interface Way extends AsyncDisposable {
  readonly settings: readonly string[];
}

export async function openWay(
  { target, behind, user }: SessionPlan,
  options: OptionValues,
  ctx: CommandContext,
): Promise<Way> {
  if (behind) return byProxy(jumpWords(behind, user, options), behind.port, ctx);
  const { port } = options;
  if (typeof port === "number") return await openLocalPort(target, port, ctx);
  return byProxy(proxyWords(target, options), target.port, ctx);
}

function byProxy(words: readonly string[], port: number, ctx: PluginContext): Way {
  return {
    settings: proxySettings(words, port, ctx),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** @param words those behind our own name that lead to the target */
export function proxySettings(
  words: readonly string[],
  port: number,
  { platform, selfCommand }: Pick<PluginContext, "platform" | "selfCommand">,
): string[] {
  const line = platform.commandLine(selfCommand(words));
  // ssh takes `%` for the beginning of a token.
  return [`ProxyCommand=${line.replaceAll("%", "%%")}`, `Port=${port}`];
}

/** As with OpenSSH's `-J`, the VM is another sign-in: `-o` and forwards are the last host's. */
function jumpWords(
  { vm, host, port, user: named }: Behind,
  last: string | undefined,
  options: OptionValues,
): string[] {
  const user = named ?? last;
  return [
    ...["ssh", "--client=native"],
    ...settingWords(options),
    ...targetWords(vm),
    ...given(options, ["host-key-check", "known-hosts", "ssh-path", "ssh-key"]),
    // A password is the last host's.
    ...(options["auth-type"] === "password" ? [] : given(options, ["auth-type"])),
    ...(user === undefined ? [] : [`--username=${user}`]),
    ...["--", "-W", `[${host}]:${port}`],
  ];
}

function given(options: OptionValues, names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = options[name];
    return typeof value === "string" ? [`--${name}=${value}`] : [];
  });
}

async function openLocalPort(target: Target, port: number, ctx: CommandContext): Promise<Way> {
  const tunnel = await ctx.openTunnel({
    target,
    port,
    observer: {
      connectionFailed: (failed) => {
        if (failed.code !== "stopped") ctx.out.failure(failed);
      },
      connectionClosed: ({ error }) => {
        if (error) ctx.out.failure(error);
      },
    },
  });
  const { host, port: chosen, target: label, bastionHost } = tunnel.info;
  ctx.out.event("listening", { host, port: chosen, target: label, bastionHost });
  ctx.out.notice(
    `Tunnel is ready, connect on port ${chosen} (${host} → ${label} by ${bastionHost})`,
  );
  return {
    // The user's own configuration may have a proxy for every host.
    settings: ["ProxyCommand=none", `HostName=${host}`, `Port=${chosen}`],
    [Symbol.asyncDispose]: () => tunnel.stop(),
  };
}
