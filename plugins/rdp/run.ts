/** What `bastion rdp` does: a tunnel, an .rdp file, and the program that opens it. */

import type {
  CommandContext,
  CommandHandler,
  ExitKind,
  Invocation,
  Tunnel,
} from "../../core/mod.ts";
import { chooseLauncher, type ChosenLauncher } from "./choose_launcher.ts";
import { writeRdpFile } from "./rdp_file.ts";
import { refuseGateway } from "./refuse_gateway.ts";
import { type Sessions, watchSessions } from "./sessions.ts";
import { userOf } from "./user_of.ts";

export const run: CommandHandler = async (invocation, ctx) => {
  const { options } = invocation;
  refuseGateway(invocation, ctx);
  const named = userOf(invocation, ctx);
  const chosen = await choose(invocation, ctx);
  if (chosen.launcher) ctx.out.yieldStdout();
  const target = await ctx.resolve({ ...invocation.target });
  for (const note of target.notes) ctx.out.notice(note);
  const user = named ?? userOf({ options: {}, user: target.user }, ctx);
  const sessions = watchSessions(ctx.out);
  const { port } = options;
  const tunnel = await ctx.openTunnel({
    target,
    port: typeof port === "number" ? port : 0,
    ...invocation.connection,
    observer: sessions.observer,
  });
  const stop = () => void tunnel.stop();
  ctx.signal.addEventListener("abort", stop, { once: true });
  if (ctx.signal.aborted) stop();
  try {
    const address = { port: tunnel.info.port, ...(user === undefined ? {} : { user }) };
    return await serve(address, { invocation, chosen, tunnel, sessions }, ctx);
  } finally {
    ctx.signal.removeEventListener("abort", stop);
    await tunnel.stop();
  }
};

interface Ready {
  readonly invocation: Invocation;
  readonly chosen: ChosenLauncher;
  readonly tunnel: Tunnel;
  readonly sessions: Sessions;
}

/** Until the program and its sessions have ended, or the user ends the tunnel. */
async function serve(
  address: Parameters<typeof writeRdpFile>[0],
  { invocation, chosen, tunnel, sessions }: Ready,
  ctx: CommandContext,
): Promise<number | ExitKind | void> {
  const kept = text(invocation, "rdp-file");
  let code: number | undefined;
  if (chosen.launcher) {
    await using file = await writeRdpFile(address, kept, ctx);
    announce(tunnel, ctx);
    code = await launch(file.path, chosen, { invocation, tunnel, sessions }, ctx);
  } else {
    await using _file = kept === undefined ? undefined : await writeRdpFile(address, kept, ctx);
    announce(tunnel, ctx);
    ctx.out.notice(
      `No program is started (${chosen.why}): connect one to localhost:${address.port}` +
        `${kept === undefined ? "" : `, or open ${kept}`}. Ctrl-C ends the tunnel.`,
    );
  }
  const { why: _why, ...totals } = await tunnel.ended;
  ctx.out.event("stopped", totals);
  ctx.out.notice("Tunnel closed.");
  // A program that never got anywhere has a code of its own for that, which says less.
  return sessions.failure?.exit ?? code;
}

/** The program's exit code, or nothing where the tunnel outlives it. */
async function launch(
  file: string,
  { launcher, found }: Extract<ChosenLauncher, { found: string }>,
  { invocation: { options, rest }, tunnel, sessions }: Omit<Ready, "chosen">,
  ctx: CommandContext,
): Promise<number | undefined> {
  const make = (options["configure"] === true && launcher.configure) || launcher.start;
  ctx.out.event("launched", { launcher: launcher.name, file });
  ctx.out.notice(
    `Opening it with ${launcher.title}.${launcher.window ? " Ctrl-C ends the tunnel." : ""}`,
  );
  const ended = new AbortController();
  // What shows a session that is gone has nothing more to show.
  tunnel.ended.then(() => ended.abort());
  const code = await ctx.spawn(make(found, file, rest), {
    signal: ended.signal,
    window: launcher.window,
  });
  // The user, or whoever ended us, has ended the program as well.
  if (ctx.signal.aborted) return undefined;
  const good = code === 0 || launcher.goodEnds.includes(code);
  if (good && launcher.handsOver) {
    // The file must be there until its sessions are over, and only the user knows when.
    await tunnel.ended;
    return undefined;
  }
  if (!good) ctx.out.notice(`${launcher.title} ended with exit code ${code}.`);
  await sessions.over();
  await tunnel.stop();
  return good ? 0 : code;
}

async function choose(invocation: Invocation, ctx: CommandContext): Promise<ChosenLauncher> {
  const name = text(invocation, "launcher");
  const configure = invocation.options["configure"] === true;
  const chosen = await chooseLauncher({ ...(name === undefined ? {} : { name }), configure }, {
    platform: ctx.platform,
    findProgram: ctx.findProgram,
    isDirectory: (path) => Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false),
    error: ctx.error,
  });
  if (chosen.launcher) return chosen;
  const what = configure
    ? "--configure"
    : invocation.rest.length > 0
    ? "What follows --"
    : undefined;
  if (what !== undefined) throw ctx.error("rdp/launcher-needed", { what, why: chosen.why });
  return chosen;
}

function announce(tunnel: Tunnel, ctx: CommandContext): void {
  const { host, port, target, bastionHost } = tunnel.info;
  const { addresses } = tunnel;
  ctx.out.event("listening", { host, port, addresses, target, bastionHost });
  ctx.out.line(`Tunnel is ready, connect on port ${port} (${host} → ${target} by ${bastionHost})`);
}

function text({ options }: Invocation, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}
