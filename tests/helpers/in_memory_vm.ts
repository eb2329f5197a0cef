/**
 * A VM in this process, behind a plugin's context whose tunnels lead there through memory alone:
 * for tests of the built-in SSH client that want a server which misbehaves.
 */

import type { Duplex } from "node:stream";
import { systemClock } from "../../core/clock.ts";
import { BastionError, describeError } from "../../core/errors.ts";
import type {
  ByteStream,
  Clock,
  ErrorCatalogue,
  PluginContext,
  Prompt,
  TunnelInfo,
  TunnelObserver,
} from "../../core/mod.ts";
import { noPrompt } from "../../core/no_prompt.ts";
import { createPlatform } from "../../core/platform.ts";
import { Secret } from "../../core/secret.ts";
import { createStreamPair } from "../../plugins/ssh/builtin/stream_pair.ts";
import { errors } from "../../plugins/ssh/errors.ts";
import { targetIdentity } from "../../plugins/ssh/target_identity.ts";
import type { SessionPlan } from "../../plugins/ssh/session_plan.ts";
import { fakeTarget } from "./fake_target.ts";
import { type TempDir, tempDir } from "./temp_dir.ts";

export interface InMemoryVm extends AsyncDisposable {
  readonly ctx: PluginContext;
  /** The way to the VM, without a sign-in. */
  readonly plan: SessionPlan;
  /** What was logged, as `level: message`. */
  readonly log: readonly string[];
  /** Home and state are in it. */
  readonly directory: TempDir;
  /** Tunnels that are open at present. */
  tunnels(): number;
  /** Ends the tunnels, with the reason that a real one would give. */
  lose(reason: string): void;
}

export interface InMemoryVmOptions {
  /** Takes a connection to port 22. */
  readonly serve: (socket: Duplex) => void;
  readonly prompt?: Partial<Prompt>;
  readonly clock?: Partial<Clock>;
  readonly env?: Readonly<Record<string, string>>;
}

export async function createInMemoryVm(
  { serve, prompt = {}, clock = {}, env = {} }: InMemoryVmOptions,
): Promise<InMemoryVm> {
  const directory = await tempDir();
  const log: string[] = [];
  const open = new Set<(reason?: string) => void>();
  const note = (level: string) => (message: string) => void log.push(`${level}: ${message}`);
  const variables: Record<string, string> = {
    ...env,
    HOME: directory.path,
    XDG_STATE_HOME: directory.file("state"),
  };

  function openTunnel(
    { stream, observer = {} }: { readonly stream?: ByteStream; readonly observer?: TunnelObserver },
  ) {
    if (!stream) throw new TypeError("it is no tunnel of one stream");
    const far = createStreamPair();
    const told = { tunnel: {} as TunnelInfo, connection: 1 };
    const counted = { bytesUp: 0, bytesDown: 0, ms: 0 };
    const end = (reason = "stopped") => {
      if (!open.delete(end)) return;
      const error = { code: reason, message: `Lost: ${reason}.`, hint: "Hint.", exit: "network" };
      observer.connectionClosed?.({
        ...told,
        ...counted,
        reason,
        ...(/^(?:stopped|remote-closed)$/.test(reason) ? {} : { error: error as never }),
      });
      far.stream.close();
      stream.close();
    };
    open.add(end);
    const ended = Promise.all([
      copy(stream, far.stream),
      copy(far.stream, stream).then(() => end("remote-closed")),
    ]);
    observer.connectionOpened?.(told);
    serve(far.socket);
    return Promise.resolve({
      async stop() {
        end();
        await ended;
      },
    });
  }

  const catalogue: ErrorCatalogue = errors;
  const ctx = {
    log: {
      error: note("error"),
      warning: note("warning"),
      info: note("info"),
      debug: note("debug"),
    },
    clock: { ...systemClock, ...clock },
    platform: createPlatform(Deno.build.os, (name) => variables[name]),
    signal: new AbortController().signal,
    cwd: directory.path,
    prompt: { ...noPrompt, ...prompt },
    secret: (value: string) => new Secret(value),
    findProgram: () => Promise.resolve(undefined),
    error(code: string, params = {}, cause?: unknown) {
      const definition = catalogue[code.replace("ssh/", "")];
      if (!definition) throw new TypeError(`no error ${code}`);
      return new BastionError(code, definition, params, cause);
    },
    describeError,
    openTunnel,
  } as unknown as PluginContext;
  const target = fakeTarget();
  return {
    ctx,
    plan: { target, ...targetIdentity(target), user: "ada" },
    log,
    directory,
    tunnels: () => open.size,
    lose: (reason) => open.forEach((end) => end(reason)),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

async function copy(from: ByteStream, to: ByteStream): Promise<void> {
  const buffer = new Uint8Array(32 * 1024);
  try {
    for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
      await to.write(buffer.subarray(0, n));
    }
    await to.closeWrite();
  } catch {
    // The other side has gone: so will this one.
  }
}
