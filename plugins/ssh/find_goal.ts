/** Where ssh is to go, and how it gets there: to a VM, or by a VM (`-J`) to a host that it knows. */

import type { CommandContext, Invocation, Target } from "../../core/mod.ts";
import { openWay, type Way } from "./open_way.ts";
import { settingWords, targetWords } from "./proxy_words.ts";
import { type TargetIdentity, targetIdentity } from "./target_identity.ts";

export interface Goal extends TargetIdentity {
  /** With `-J` the VM's, under the name and port of the host behind it. */
  readonly target: Target;
  /** To be disposed of when ssh has ended. @param user whom ssh signs in */
  openWay(user: string | undefined): Promise<Way>;
}

export async function findGoal(invocation: Invocation, ctx: CommandContext): Promise<Goal> {
  const jump = invocation.options["jump"];
  if (typeof jump === "string") return await findBehind(jump, invocation, ctx);
  const target = await resolve(invocation.target, ctx);
  const open = () => openWay(target, invocation.options, ctx);
  return { target, ...targetIdentity(target), openWay: open };
}

async function resolve(request: Invocation["target"], ctx: CommandContext): Promise<Target> {
  const target = await ctx.resolve({ ...request });
  for (const note of target.notes) ctx.out.notice(note);
  return target;
}

/** As with OpenSSH's `-J`, the VM is another sign-in: `-o` and forwards are the last host's. */
async function findBehind(
  jump: string,
  invocation: Invocation,
  ctx: CommandContext,
): Promise<Goal> {
  const { options } = invocation;
  const { word: host, resourceId, ipAddress, port: asked, ...request } = invocation.target ?? {};
  const port = asked ?? 22;
  // It goes into an argument of ssh's, and its name into a file of host keys.
  if (host === undefined || resourceId || ipAddress || !/^[a-z0-9][\w.-]*$/i.test(host)) {
    throw ctx.error("ssh/jump-target", { jump });
  }
  if (options["port"] !== undefined) throw ctx.error("ssh/jump-port");
  const at = jump.lastIndexOf("@");
  const vm = await resolve({ ...request, word: jump.slice(at + 1) }, ctx);
  const identity = targetIdentity(vm);
  const suffix = port === 22 ? "" : `:${port}`;
  return {
    target: { ...vm, label: `${host}:${port} (by ${vm.label})`, port },
    keyAlias: `${identity.keyAlias}/${host.toLowerCase()}${suffix}`,
    hostName: `${host.toLowerCase()}.by.${identity.hostName}`,
    openWay(user) {
      const login = at > 0 ? jump.slice(0, at) : vm.user ?? user;
      const line = ctx.platform.commandLine(ctx.selfCommand([
        "ssh",
        ...settingWords(options),
        ...targetWords(vm),
        ...given(options, ["host-key-check", "known-hosts", "ssh-path", "ssh-key"]),
        // A password is the last host's.
        ...(options["auth-type"] === "password" ? [] : given(options, ["auth-type"])),
        ...(login === undefined ? [] : [`--username=${login}`]),
        ...["--", "-W", `[${host}]:${port}`],
      ]));
      return Promise.resolve({
        settings: [`ProxyCommand=${line.replaceAll("%", "%%")}`, `Port=${port}`],
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
  };
}

function given(options: Invocation["options"], names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = options[name];
    return typeof value === "string" ? [`--${name}=${value}`] : [];
  });
}
