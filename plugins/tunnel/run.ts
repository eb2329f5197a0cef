/** What `bastion tunnel` does: resolve, open, tell, wait. */

import type {
  CommandContext,
  CommandHandler,
  ErrorDescription,
  Invocation,
  OptionValues,
  Tunnel,
  TunnelObserver,
  TunnelRequest,
} from "../../core/mod.ts";
import { summary } from "./summary.ts";

export const run: CommandHandler = async (invocation, ctx) => {
  const { options } = invocation;
  if (invocation.rest.length > 0) ctx.out.yieldStdout();
  const bind = text(options, "bind");
  if (bind !== undefined && !isLoopback(bind)) {
    ctx.log.warning(`other computers can use this tunnel with your rights on the VM`, { bind });
  }
  const target = await ctx.resolve({ ...invocation.target });
  for (const note of target.notes) ctx.out.notice(note);
  const failure: { error?: ErrorDescription | undefined } = {};
  const tunnel = await ctx.openTunnel({
    ...invocation.connection,
    ...limitsOf(options),
    target,
    port: number(options, "port") ?? 0,
    observer: observerOf(ctx, failure),
  });
  const portFile = text(options, "port-file");
  let written = false;
  try {
    if (portFile !== undefined) {
      await writePortFile(portFile, tunnel.info.port, ctx);
      written = true;
    }
    announce(tunnel, ctx);
    return await serve(tunnel, invocation, ctx, failure);
  } finally {
    await tunnel.stop();
    // What another tunnel has written meanwhile is not ours to remove.
    if (portFile !== undefined && written && await holds(portFile, `${tunnel.info.port}\n`)) {
      await Deno.remove(portFile).catch(() => {});
    }
  }
};

/** Until the tunnel ends by itself, the user ends it, or the user's command has ended. */
async function serve(
  tunnel: Tunnel,
  { rest }: Invocation,
  ctx: CommandContext,
  failure: { readonly error?: ErrorDescription | undefined },
): ReturnType<CommandHandler> {
  const stop = () => void tunnel.stop();
  ctx.signal.addEventListener("abort", stop, { once: true });
  if (ctx.signal.aborted) stop();
  const [program, ...args] = rest.map((word) => fillIn(word, tunnel));
  let code: number | undefined;
  if (program !== undefined) {
    const ended = new AbortController();
    // A tunnel that has timed out leaves nothing running.
    tunnel.ended.then(() => ended.abort());
    code = await ctx.spawn([program, ...args], {
      env: { BASTION_HOST: dialHost(tunnel), BASTION_PORT: String(tunnel.info.port) },
      signal: ended.signal,
    });
    await tunnel.stop();
  }
  const { why, ...totals } = await tunnel.ended;
  ctx.signal.removeEventListener("abort", stop);
  const reason = code !== undefined && why === "stopped" ? "command-ended" : why;
  ctx.out.event("stopped", { reason, ...totals });
  ctx.out.notice(summary(reason, totals));
  if (code !== undefined) return code;
  // With one connection to serve, how that went is how the command went.
  if (why === "once") return failure.error?.exit;
}

function announce(tunnel: Tunnel, ctx: CommandContext): void {
  const { host, port, target, bastionHost } = tunnel.info;
  const { addresses } = tunnel;
  ctx.out.event("listening", { host, port, addresses, target, bastionHost });
  ctx.out.line(
    `Tunnel is ready, connect on port ${port} (${host} → ${target} by ${bastionHost})`,
  );
  if (addresses.length === 1 && addresses[0] === "127.0.0.1") {
    ctx.out.notice("Listening on 127.0.0.1 only: this computer has no IPv6 loopback address.");
  }
}

function observerOf(
  ctx: CommandContext,
  failure: { error?: ErrorDescription | undefined },
): TunnelObserver {
  return {
    connectionOpened: ({ connection }) => ctx.out.event("connection-opened", { connection }),
    connectionFailed(failed) {
      failure.error = failed;
      const { connection, code, message, hint } = failed;
      ctx.out.event("connection-failed", { connection, code, message, hint });
      if (code !== "stopped") ctx.out.failure(failed, `connection ${connection} failed`);
    },
    connectionClosed({ connection, reason, bytesUp, bytesDown, ms, error }) {
      failure.error = error;
      ctx.out.event("connection-closed", {
        connection,
        reason,
        bytesUp,
        bytesDown,
        ms,
        ...(error ? { code: error.code, message: error.message, hint: error.hint } : {}),
      });
      if (error) ctx.out.failure(error, `connection ${connection} ended`);
    },
  };
}

function limitsOf(options: OptionValues): Omit<TunnelRequest, "target" | "port"> {
  const bind = text(options, "bind");
  const given = {
    maxConnections: number(options, "max-connections"),
    idleTimeout: number(options, "idle-timeout"),
    timeout: number(options, "timeout"),
  };
  return {
    once: options["once"] === true,
    ...(bind === undefined ? {} : { bind: [bind] }),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

/** The file appears whole: whoever waits for it never reads half a number. */
async function writePortFile(file: string, port: number, ctx: CommandContext): Promise<void> {
  const draft = `${file}.${crypto.randomUUID()}`;
  try {
    await Deno.writeTextFile(draft, `${port}\n`, { createNew: true });
    await Deno.rename(draft, file);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    const problem = error instanceof Error ? error.message : String(error);
    throw ctx.error("file-failed", { file, action: "written", problem }, error);
  }
}

async function holds(file: string, text: string): Promise<boolean> {
  return await Deno.readTextFile(file).then((found) => found === text, () => false);
}

/** Where a program on this computer finds the tunnel: "every address" is no place to dial. */
function dialHost({ info: { host } }: Tunnel): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

function fillIn(word: string, tunnel: Tunnel): string {
  return word.replaceAll("{host}", dialHost(tunnel))
    .replaceAll("{port}", String(tunnel.info.port));
}

function isLoopback(address: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(address) || address === "::1" || address === "localhost";
}

function text(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

function number(options: OptionValues, name: string): number | undefined {
  const value = options[name];
  return typeof value === "number" ? value : undefined;
}
