/** The service `ssh`: sessions for other plugins, by either client. */

import type {
  OptionValues,
  PluginContext,
  SshSession,
  SshSessionRequest,
  SshSessions,
} from "../../../core/mod.ts";
import { findOpenSsh } from "../find_open_ssh.ts";
import { planSession } from "../plan_session.ts";
import type { SessionPlan } from "../session_plan.ts";
import type { SshConnection } from "../ssh_connection.ts";
import { targetIdentity } from "../target_identity.ts";
import { commandLineFor, type RemoteShell, remoteShell, SHELL_PROBE } from "./remote_shell.ts";

export function createSshSessions(ctx: PluginContext): SshSessions {
  return { open: (request) => openSession(request, ctx) };
}

async function openSession(request: SshSessionRequest, ctx: PluginContext): Promise<SshSession> {
  const { target, authType } = request;
  const signal = request.signal ? AbortSignal.any([ctx.signal, request.signal]) : ctx.signal;
  signal.throwIfAborted();
  const options = optionsOf(request);
  const program = await findOpenSsh(options, ctx, ctx.log.info);
  await using stack = new AsyncDisposableStack();
  const user = request.user ?? target.user;
  const entry = {
    authType,
    signal,
    ...(user === undefined ? {} : { user }),
    ...(request.key === undefined ? {} : { key: request.key }),
    ...(request.password === undefined ? {} : { password: request.password }),
  };
  const plan = await planSession({ target, ...targetIdentity(target) }, entry, stack, ctx);
  const connection = stack.use(await connect(program, plan, options, ctx, signal));
  const owned = stack.move();
  let closed: Promise<void> | undefined;
  const close = () => closed ??= owned.disposeAsync();
  // What fails meanwhile is told to whoever closes it.
  const onAbort = () => void close().catch(() => {});
  signal.addEventListener("abort", onAbort, { once: true });
  owned.defer(() => signal.removeEventListener("abort", onAbort));
  let shell: Promise<RemoteShell> | undefined;
  return {
    exec: (command) => connection.exec(command),
    async commandLine(words) {
      const known = await (shell ??= askShell(connection));
      const line = commandLineFor(known, words);
      if (line !== undefined) return line;
      throw ctx.error("ssh/remote-words-odd", { shell: known, words: JSON.stringify(words) });
    },
    async openSftp() {
      const { openSftp } = await import("./open_sftp.ts");
      return await openSftp(await connection.openSubsystem("sftp"), target.label, ctx);
    },
    forward: (host, port) => connection.forward(host, port),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** No shell says more to it, in bytes. */
const MAX_ANSWER = 200;

async function askShell(connection: SshConnection): Promise<RemoteShell> {
  const channel = await connection.exec(SHELL_PROBE);
  const answer = new Uint8Array(MAX_ANSWER);
  let size = 0;
  for (;;) {
    const got = size < answer.length ? await channel.read(answer.subarray(size)) : null;
    if (got === null) break;
    size += got;
  }
  channel.close();
  return remoteShell(new TextDecoder().decode(answer.subarray(0, size)));
}

/** As the command's options have it: both clients are told by those. */
function optionsOf(request: SshSessionRequest): OptionValues {
  return {
    ...request.options,
    "client": request.client,
    "ssh-path": request.sshPath,
    "ssh-key": request.key,
    "auth-type": request.authType,
    "host-key-check": request.hostKeyCheck ?? "accept-new",
    "known-hosts": request.knownHosts,
  };
}

async function connect(
  program: string | undefined,
  plan: SessionPlan,
  options: OptionValues,
  ctx: PluginContext,
  signal: AbortSignal,
): Promise<SshConnection> {
  if (program !== undefined) {
    const { openNativeConnection } = await import("../native/open_native_connection.ts");
    return await openNativeConnection(program, plan, options, ctx, signal);
  }
  // Its library is heavy, and of no use to the other.
  const { openConnection } = await import("../builtin/open_connection.ts");
  return await openConnection(plan, options, { ...ctx, signal });
}
