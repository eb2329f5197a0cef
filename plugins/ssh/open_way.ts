/** How ssh gets to the VM: by our proxy, or by a local port where the user wants one. */

import type { CommandContext, OptionValues, Target } from "../../core/mod.ts";
import { proxyWords } from "./proxy_words.ts";

export interface Way extends AsyncDisposable {
  readonly settings: readonly string[];
}

export async function openWay(
  target: Target,
  options: OptionValues,
  ctx: CommandContext,
): Promise<Way> {
  const { port } = options;
  if (typeof port === "number") return await openLocalPort(target, port, ctx);
  const line = ctx.platform.commandLine(ctx.selfCommand(proxyWords(target, options)));
  return {
    // ssh takes `%` for the beginning of a token.
    settings: [`ProxyCommand=${line.replaceAll("%", "%%")}`, `Port=${target.port}`],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
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
