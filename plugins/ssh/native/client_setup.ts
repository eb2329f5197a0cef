/** What every run of OpenSSH's client is told: host keys, the sign-in, and whom to reach. */

import type { OptionValues, PluginContext } from "../../../core/mod.ts";
import type { SessionPlan } from "../session_plan.ts";
import { forgetAskpass } from "./askpass.ts";
import { type ClientSignIn, clientSignIn } from "./client_sign_in.ts";
import { explainFailure } from "./explain_failure.ts";
import { hostKeySettings } from "./host_key_settings.ts";
import { settingOptions } from "./ssh_setting.ts";

/** Disposing of it removes what the sign-in needs on disk. */
export interface ClientSetup extends AsyncDisposable {
  readonly words: readonly string[];
  /** The user, and the name by which ssh is told to go there. */
  readonly login: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What went wrong where ssh ended with 255; nothing where its own words say all there is. */
  explain(said: string): Error | undefined;
}

/**
 * So long a server has for its first words, and ssh's proxy to get there, in seconds; without it ssh
 * waits for ever. Behind another VM it is that VM which waits.
 */
const GREETING = 60;

export async function openClientSetup(
  { target, keyAlias, hostName, user, signIn, behind }: SessionPlan,
  options: OptionValues,
  ctx: PluginContext,
): Promise<ClientSetup> {
  await using stack = new AsyncDisposableStack();
  let client: ClientSignIn | undefined;
  if (signIn) client = stack.use(await clientSignIn(signIn, ctx));
  const hostKeys = await hostKeySettings(options, ctx);
  const key = options["ssh-key"];
  const startedAt = ctx.clock.now();
  const owned = stack.move();
  return {
    words: [
      ...settingOptions([`HostKeyAlias=${keyAlias}`, ...hostKeys.settings]),
      ...settingOptions(client?.settings ?? []),
      ...settingOptions(["ServerAliveInterval=30", "ServerAliveCountMax=3"]),
      ...(behind ? [] : settingOptions([`ConnectTimeout=${GREETING}`])),
      ...(signIn === undefined && typeof key === "string" ? ["-i", key] : []),
    ],
    login: [...(user === undefined ? [] : ["-l", user]), hostName],
    env: { ...forgetAskpass(ctx), ...client?.env },
    explain(said) {
      const explanation = explainFailure(said, {
        target: target.label,
        user: user ?? "the user",
        authType: signIn?.name ?? "",
        file: hostKeys.file ?? "",
        keyAlias,
        hostName,
        ...(behind ? {} : { seconds: Math.round((ctx.clock.now() - startedAt) / 1000) }),
        ...endOf(signIn, ctx),
      });
      // To ssh, what the vault refused is one more key that did not do.
      if (!explanation || !explanation.code.startsWith("ssh/host-key")) {
        const refused = client?.refusal();
        if (refused) return refused;
      }
      return explanation && ctx.error(explanation.code, explanation.params);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function endOf(signIn: SessionPlan["signIn"], { clock }: Pick<PluginContext, "clock">) {
  const end = signIn?.expiresOn;
  return end !== undefined && end <= clock.date().getTime()
    ? { ended: new Date(end).toISOString() }
    : {};
}
