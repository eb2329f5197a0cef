/** Connects to the VM with ssh2, checks the host's key, and signs in. */

import type { Buffer } from "node:buffer";
import { userInfo } from "node:os";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import type { OptionValues, Output, PluginContext } from "../../../core/mod.ts";
import type { SessionPlan } from "../session_plan.ts";
import type { SshConnection } from "../ssh_connection.ts";
import { algorithmsFor } from "./algorithms.ts";
import { allowCertificates } from "./certificate_key.ts";
import { checkBuiltIn } from "./check_built_in.ts";
import { createHostVerifier } from "./host_verifier.ts";
import { type Channels, openChannels } from "./open_channels.ts";
import { openSocket } from "./open_socket.ts";
import { signInAttempts } from "./sign_in_attempts.ts";

export interface BuiltInConnection extends SshConnection, Channels {
  /** ssh2's client, connected and signed in, for terminals; {@linkcode Channels.channelOf} is for what it opens. */
  readonly client: ssh2.Client;
  /** Resolves when the connection is gone: with the reason where it was lost. Never rejects. */
  readonly ended: Promise<Error | undefined>;
}

/** With a command's context the user is shown what the host says before he is let in. */
export type ConnectionContext = PluginContext & { readonly out?: Pick<Output, "notice"> };

/** Milliseconds, and how often nothing may come; as OpenSSH is told. */
const KEEP_ALIVE = { keepaliveInterval: 30_000, keepaliveCountMax: 3 } as const;
/** From the open tunnel to the keys' exchange, in ms. A sign-in may take as long as the host lets it. */
const HANDSHAKE_LIMIT = 30_000;

/** @throws BastionError with the ssh plugin's codes, and the tunnel's */
export async function openConnection(
  plan: SessionPlan,
  options: OptionValues,
  ctx: ConnectionContext,
): Promise<BuiltInConnection> {
  checkBuiltIn(plan, { options, rest: [] }, ctx);
  const { target, signIn } = plan;
  const username = plan.user ?? userInfo().username;
  const verifier = await createHostVerifier(plan, options, ctx);
  await using stack = new AsyncDisposableStack();
  const ready = Promise.withResolvers<void>();
  // What fails before anybody waits for it is thrown there.
  ready.promise.catch(() => {});
  const ended = Promise.withResolvers<Error | undefined>();
  const gone = new AbortController();
  const way = await openSocket(target, ctx);
  stack.defer(async () => {
    await way[Symbol.asyncDispose]();
    await ended.promise;
  });
  const client = new ssh2.Client();
  let phase: "handshake" | "sign-in" | "open" | "closing" = "handshake";
  let reason: Error | undefined;
  let cut: Error | undefined;

  /** The first call says why; what follows is only its consequence. */
  const fail = (error: unknown) => {
    reason ??= error instanceof Error ? error : new Error(String(error));
    way.socket.destroy();
  };
  const tell = (code: string, params: Readonly<Record<string, string>> = {}) =>
    ctx.error(`ssh/${code}`, { target: target.label, user: username, ...params });
  const refused = () => refusalOf(signIn, tell, ctx.clock.date().getTime());
  const say = (text: string) => {
    for (const line of text.trimEnd().split("\n")) ctx.out?.notice(line);
  };

  /** What ssh2 says of an end that nobody else knows the reason of. */
  function explain(problem: string): Error {
    if (phase === "handshake") return tell("handshake-failed", { problem });
    // sshd counts, and hangs up on who has failed too often.
    if (phase === "sign-in" && /authentication/i.test(problem)) return refused();
    return tell("connection-lost", { problem });
  }

  // Before ssh2 hears of it: what it ends then was cut, and has not come to its end.
  way.socket.once("close", () => {
    limit.abort();
    signedIn.abort();
    cut = reason ??= way.failure() ?? explain("it was closed");
    ready.reject(reason);
    ended.resolve(phase === "closing" ? undefined : reason);
    gone.abort();
  });
  const limit = new AbortController();
  const signedIn = new AbortController();
  way.opened
    .then(() => ctx.clock.sleep(HANDSHAKE_LIMIT, limit.signal))
    .then(() => fail(explain("it says nothing that would be SSH")), () => {});
  const abort = () => fail(ctx.signal.reason);
  ctx.signal.addEventListener("abort", abort, { once: true });
  stack.defer(() => {
    ctx.signal.removeEventListener("abort", abort);
    phase = "closing";
    client.end();
  });

  client.once("handshake", () => {
    phase = "sign-in";
    limit.abort();
  });
  client.once("ready", () => {
    phase = "open";
    signedIn.abort();
    ready.resolve();
  });
  client.on("banner", say);
  client.on("change password", () => fail(tell("password-expired")));
  client.on("error", ({ message, level }: ssh2.ClientErrorExtensions & Error) => {
    ctx.log.debug("ssh2 has failed", { problem: message, level });
    // It goes on to the next key, or the next way to sign in.
    if (level === "agent") return;
    fail(way.failure() ?? explain(level === "client-timeout" ? "it does not answer" : message));
  });

  let left: readonly string[] = [];
  const offers = (method: string) =>
    left.includes(method) && (method === "publickey" || verifier.passwordsAllowed());
  const doors = { username, offers, fail, say, signal: signedIn.signal };
  const attempts = signInAttempts(plan, options, doors, ctx);
  signedIn.signal.addEventListener("abort", () => void attempts.return(undefined));
  client.connect({
    ...KEEP_ALIVE,
    sock: way.socket,
    username,
    readyTimeout: 0,
    algorithms: algorithmsFor(verifier.known),
    hostVerifier(key: Buffer) {
      try {
        verifier.verify(key);
        return true;
      } catch (error) {
        fail(error);
        return false;
      }
    },
    authHandler(methods, _partial, next) {
      left = methods ?? [];
      verifier.keep()
        .then(() => attempts.next())
        .then(({ value, done }) => done ? fail(refused()) : next(value))
        .catch(fail);
    },
  });
  allowCertificates(client);
  if (ctx.signal.aborted) abort();
  await ready.promise;
  const owned = stack.move();
  return {
    ...openChannels(client, {
      gone: gone.signal,
      cut: () => cut,
      refused: (request, problem) => tell("request-refused", { request, problem }),
    }),
    client,
    ended: ended.promise,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As the native client's refusals are explained. */
function refusalOf(
  signIn: SessionPlan["signIn"],
  tell: (code: string, params?: Readonly<Record<string, string>>) => Error,
  now: number,
): Error {
  if (signIn?.expiresOn !== undefined && signIn.expiresOn <= now) {
    return tell("certificate-ended", { ended: new Date(signIn.expiresOn).toISOString() });
  }
  if (signIn?.name === "aad") return tell("certificate-refused");
  return tell("permission-denied", { authType: signIn?.name ?? "agent, key or password" });
}
