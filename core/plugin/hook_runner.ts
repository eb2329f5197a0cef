/** Runs the plugins' hooks as `hooks.ts` says: each kind in its way, each call within its limit. */

import type { Clock } from "../clock.ts";
import { errors } from "../error_catalogue.ts";
import { BastionError, bastionError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { printable } from "../secret.ts";
import type { TunnelRequest } from "../tunnel/tunnel_request.ts";
import { frozenCopy } from "./frozen_copy.ts";
import { type Hook, type HookName, type HookNameOf, hookTable, type Verdict } from "./hooks.ts";
import type { HookSignatures } from "./hooks.ts";
import type { Plugin, PluginContext } from "./plugin.ts";

/** What each observing hook is told. */
export type ObservedEvents = {
  readonly [Name in HookNameOf<"observe">]: Parameters<HookSignatures[Name]>[0];
};

export interface HookRunner {
  /**
   * The request as the plugins want it, frozen.
   * @throws BastionError `plugin-failed`, `plugin-timeout`
   */
  prepareTunnel(request: TunnelRequest): Promise<TunnelRequest>;
  /** @throws BastionError `tunnel-denied`, naming the first plugin that does not allow it */
  authorizeTunnel(request: TunnelRequest): Promise<void>;
  /** Tells the observers; returns before any of them runs, and never throws. */
  observe<Name extends HookNameOf<"observe">>(name: Name, event: ObservedEvents[Name]): void;
  /** Waits for the observers that still run, 5 s at most. */
  settle(): Promise<void>;
  /** Runs every `stop`, last plugin first. Once; failures are logged. Resolves in any case. */
  stop(): Promise<void>;
}

export interface HookRunnerOptions {
  /** In the order of start. */
  readonly plugins: readonly { readonly plugin: Plugin; readonly context: PluginContext }[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds for which the user has been asked something so far: no plugin's fault. */
  readonly asked?: () => number;
}

/** A plugin's handler for one hook. */
interface Placed<Handler> {
  readonly plugin: string;
  readonly context: PluginContext;
  readonly handler: Handler;
}

const SETTLE_LIMIT = 5_000;

export function createHookRunner(
  { plugins, clock, log, asked = () => 0 }: HookRunnerOptions,
): HookRunner {
  const prepare = place((hooks) => hooks.prepareTunnel);
  const authorize = place((hooks) => hooks.authorizeTunnel);
  const stoppers = place((hooks) => hooks.stop).reverse();
  const observers: {
    readonly [Name in HookNameOf<"observe">]: readonly Placed<
      (event: ObservedEvents[Name], ctx: PluginContext) => unknown
    >[];
  } = {
    tunnelOpened: place((hooks) => hooks.tunnelOpened),
    connectionOpened: place((hooks) => hooks.connectionOpened),
    connectionFailed: place((hooks) => hooks.connectionFailed),
    connectionClosed: place((hooks) => hooks.connectionClosed),
    tunnelClosed: place((hooks) => hooks.tunnelClosed),
  };
  const observing = new Set<Promise<void>>();
  const complained = new Set<string>();
  let stopping: Promise<void> | undefined;

  /** The handlers of one hook, in the order in which they run. */
  function place<Handler extends (...args: never) => unknown>(
    pick: (hooks: NonNullable<Plugin["hooks"]>) => Hook<Handler> | undefined,
  ): Placed<Handler>[] {
    const groups = { pre: [], normal: [], post: [] } as Record<
      "pre" | "normal" | "post",
      Placed<Handler>[]
    >;
    for (const { plugin, context } of plugins) {
      const hook = plugin.hooks && pick(plugin.hooks);
      if (hook === undefined) continue;
      const { handler, order } = typeof hook === "function"
        ? { handler: hook, order: "normal" as const }
        : hook;
      groups[order].push({ plugin: plugin.name, context, handler });
    }
    return [...groups.pre, ...groups.normal, ...groups.post];
  }

  /** What `call` gives, within the hook's limit; whatever goes wrong names plugin and hook. */
  function run<Result>(
    plugin: string,
    hook: HookName,
    call: () => Result | Promise<Result>,
  ): Promise<Result> {
    const { limit } = hookTable[hook];
    return new Promise((resolve, reject) => {
      let askedBefore = asked();
      let cancel = clock.after(limit, late);
      // In a turn of its own: a handler that blocks or throws does so outside its subject's stack.
      Promise.resolve().then(call).then(resolve, (error) => reject(failure(plugin, hook, error)))
        .finally(() => cancel());

      /** So long as the user was asked, the hook may run on. */
      function late(): void {
        const askedNow = asked();
        const more = askedNow - askedBefore;
        askedBefore = askedNow;
        if (more > 0) cancel = clock.after(more, late);
        else reject(bastionError("plugin-timeout", { plugin, hook, seconds: limit / 1000 }));
      }
    });
  }

  async function prepareTunnel(request: TunnelRequest): Promise<TunnelRequest> {
    let current = frozenCopy(request);
    for (const { plugin, context, handler } of prepare) {
      const asked = current;
      const answer: unknown = await run(plugin, "prepareTunnel", () => handler(asked, context));
      if (answer === undefined) continue;
      if (!isTunnelRequest(answer)) {
        throw failure(plugin, "prepareTunnel", new TypeError("it returned no tunnel request"));
      }
      // Spread, since an instance of a class would stay what it is: changeable.
      current = frozenCopy({ ...answer });
    }
    return current;
  }

  async function authorizeTunnel(request: TunnelRequest): Promise<void> {
    const asked = frozenCopy(request);
    const refusals = await Promise.all(authorize.map(async ({ plugin, context, handler }) => {
      try {
        const verdict = await run(plugin, "authorizeTunnel", () => handler(asked, context));
        const reason = denialOf(verdict);
        return reason === undefined ? undefined : { plugin, reason, cause: undefined };
      } catch (cause) {
        return { plugin, reason: reasonOf(cause), cause };
      }
    }));
    const [first, ...others] = refusals.filter((refusal) => refusal !== undefined);
    for (const { plugin, reason } of others) log.info("tunnel denied too", { plugin, reason });
    if (first) {
      const { plugin, reason, cause } = first;
      throw bastionError("tunnel-denied", { plugin, reason: printable(reason) }, cause);
    }
  }

  function observe<Name extends HookNameOf<"observe">>(
    name: Name,
    event: ObservedEvents[Name],
  ): void {
    const seen = frozenCopy(event);
    for (const { plugin, context, handler } of observers[name]) {
      const running = run(plugin, name, () => handler(seen, context)).then(
        () => {},
        (error) => complain(plugin, name, error),
      ).finally(() => observing.delete(running));
      observing.add(running);
    }
  }

  /** An observer that fails on every connection is a warning once, and detail from then on. */
  function complain(plugin: string, hook: HookName, error: unknown): void {
    const key = `${plugin} ${hook}`;
    const level = complained.has(key) ? "debug" : "warning";
    complained.add(key);
    log[level](messageOf(error), { plugin, hook });
  }

  async function settle(): Promise<void> {
    const late = Promise.withResolvers<void>();
    const cancel = clock.after(SETTLE_LIMIT, () => {
      log.debug("observers are left behind", { count: observing.size });
      late.resolve();
    });
    // An observer may cause what others observe, so that one look is not enough.
    const all = (async () => {
      while (observing.size > 0) await Promise.all(observing);
    })();
    await Promise.race([all, late.promise]);
    cancel();
  }

  async function stopAll(): Promise<void> {
    for (const { plugin, context, handler } of stoppers) {
      try {
        await run(plugin, "stop", () => handler(context));
      } catch (error) {
        log.warning(messageOf(error), { plugin, hook: "stop" });
      }
    }
  }

  return {
    prepareTunnel,
    authorizeTunnel,
    observe,
    settle,
    stop: () => stopping ??= stopAll(),
  };
}

function failure(plugin: string, hook: HookName, cause: unknown): BastionError {
  const problem = messageOf(cause);
  if (!(cause instanceof BastionError)) {
    return bastionError("plugin-failed", { plugin, hook, problem }, cause);
  }
  // The plugin meant to say this, so that its remedy is worth more than ours.
  const { exit, message } = errors["plugin-failed"];
  const definition = { exit, message, hint: "{remedy}" };
  const params = { plugin, hook, problem, remedy: cause.hint };
  return new BastionError("plugin-failed", definition, params, cause);
}

/** Why not, or undefined where the plugin allows it. Anything but a clear yes is a no. */
function denialOf(verdict: Verdict | undefined): string | undefined {
  if (verdict === "allow") return undefined;
  const reason: unknown = verdict?.deny;
  return typeof reason === "string" && reason !== "" ? reason : "it gave no verdict";
}

/** What a veto that threw or hung is reported as: its own words where it had any. */
function reasonOf(error: unknown): string {
  return error instanceof BastionError && error.cause !== undefined
    ? messageOf(error.cause)
    : messageOf(error);
}

function isTunnelRequest(value: unknown): value is TunnelRequest {
  return typeof value === "object" && value !== null && "target" in value &&
    typeof value.target === "object" && value.target !== null && "port" in value &&
    Number.isInteger(value.port);
}
