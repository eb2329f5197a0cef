/** Where ssh is to go: to a VM, or by a VM (`-J`) to a host that it knows. */

import type { CommandContext, Invocation, Target } from "../../core/mod.ts";
import { type TargetIdentity, targetIdentity } from "./target_identity.ts";

export interface Goal extends TargetIdentity {
  /** With `-J` the VM's, under the name and port of the host behind it. */
  readonly target: Target;
  readonly behind?: Behind;
}

/** What `-J` says. */
export interface Behind {
  readonly vm: Target;
  /** The host as the VM knows it, and its port. */
  readonly host: string;
  readonly port: number;
  /** Whom the VM signs in; the last host's user where it is left out. */
  readonly user?: string;
}

export async function findGoal(invocation: Invocation, ctx: CommandContext): Promise<Goal> {
  const jump = invocation.options["jump"];
  if (typeof jump === "string") return await findBehind(jump, invocation, ctx);
  const target = await resolve(invocation.target, ctx);
  return { target, ...targetIdentity(target) };
}

async function resolve(request: Invocation["target"], ctx: CommandContext): Promise<Target> {
  const target = await ctx.resolve({ ...request });
  for (const note of target.notes) ctx.out.notice(note);
  return target;
}

async function findBehind(
  jump: string,
  { options, target: asked }: Invocation,
  ctx: CommandContext,
): Promise<Goal> {
  const { word: host, resourceId, ipAddress, port = 22, ...request } = asked ?? {};
  // It goes into an argument of ssh's, and its name into a file of host keys.
  if (host === undefined || resourceId || ipAddress || !/^[a-z0-9][\w.-]*$/i.test(host)) {
    throw ctx.error("ssh/jump-target", { jump });
  }
  if (options["port"] !== undefined) throw ctx.error("ssh/jump-port");
  const at = jump.lastIndexOf("@");
  const vm = await resolve({ ...request, word: jump.slice(at + 1) }, ctx);
  const identity = targetIdentity(vm);
  const suffix = port === 22 ? "" : `:${port}`;
  const user = at > 0 ? jump.slice(0, at) : vm.user;
  return {
    target: { ...vm, label: `${host}:${port} (by ${vm.label})`, port },
    keyAlias: `${identity.keyAlias}/${host.toLowerCase()}${suffix}`,
    hostName: `${host.toLowerCase()}.by.${identity.hostName}`,
    behind: { vm, host, port, ...(user === undefined ? {} : { user }) },
  };
}
