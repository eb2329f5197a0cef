/** The VMs that blocks are made for, and the host names that mean them. */

import type { CommandContext, Invocation, Target, TargetRequest } from "../../../core/mod.ts";
import { addressWord, type HostName, hostWord } from "./host_word.ts";
import type { NamedTarget } from "./target_blocks.ts";

/** How many are looked up at once. */
const AT_ONCE = 8;

/** Those that were named, or with `--all` every VM that some bastion host reaches. */
export async function findTargets(
  { target: first = {}, args, options }: Invocation,
  all: boolean,
  ctx: CommandContext,
): Promise<NamedTarget[]> {
  const { word, resourceId, ipAddress, check: _, ...places } = first;
  const requests: TargetRequest[] = [
    ...(word ?? resourceId ?? ipAddress ? [{ ...first, check: false }] : []),
    ...args.map((word) => ({ ...places, word, check: false })),
  ];
  if (requests.length > 0 && options["all"] === true) {
    throw ctx.error("usage", {
      problem: "VMs are named, and --all is given.",
      remedy: "Give one of the two.",
    });
  }
  if (requests.length === 0) return all ? nameAll(await findAll(places, ctx), ctx) : [];
  const found = await mapSome(requests, async (request): Promise<Found> => ({
    target: await ctx.resolve({ ...request, defaultPort: 22 }),
    ...(request.word === undefined ? {} : { word: request.word }),
  }));
  return nameAll(found, ctx);
}

interface Found {
  readonly target: Target;
  /** As the user named it. */
  readonly word?: string;
}

async function findAll(places: TargetRequest, ctx: CommandContext): Promise<Found[]> {
  const inventory = await ctx.inventory();
  const given = places.subscription ?? (ctx.platform.env("AZURE_SUBSCRIPTION_ID") || undefined);
  const subscriptions = given === undefined
    ? (await inventory.subscriptions(ctx.signal)).map(({ id }) => id)
    : [await inventory.subscription(given, ctx.signal)];
  const machines = await inventory.virtualMachines(subscriptions, ctx.signal);
  const found = await mapSome(machines, async ({ id, name }) => {
    try {
      const target = await ctx.resolve({
        ...places,
        resourceId: id,
        check: false,
        defaultPort: 22,
      });
      return [{ target }];
    } catch (error) {
      ctx.signal.throwIfAborted();
      ctx.out.notice(`${name} is left out: ${ctx.describeError(error).message}`);
      return [];
    }
  });
  if (found.flat().length === 0) throw ctx.error("ssh/config-no-target");
  return found.flat();
}

/** The VM's name where it is the only one of it, its name and group, and the user's own word. */
function nameAll(found: readonly Found[], ctx: CommandContext): NamedTarget[] {
  const counts = new Map<string, number>();
  for (const { target } of found) {
    const host = hostWord({ name: hostName(target).name });
    counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  const taken = new Set<string>();
  return found.flatMap(({ target, word }) => {
    const own = hostName(target);
    const short = hostWord({ name: own.name });
    const hosts = (target.hostname !== undefined ? [addressWord(target.hostname)] : [
      ...(counts.get(short) === 1 ? [short] : []),
      ...(word === undefined || /^\/|[/.]/.test(word) ? [] : [hostWord({ name: word })]),
      hostWord(own),
    ]).filter((host, at, others) => others.indexOf(host) === at && !taken.has(host));
    for (const host of hosts) taken.add(host);
    const [host, ...others] = hosts;
    if (host !== undefined) return [{ target, hosts: [host, ...others] }];
    ctx.out.notice(`${target.label} is left out: another VM has its name, and its group's.`);
    return [];
  });
}

function hostName({ resourceId, hostname }: Target): HostName {
  if (hostname !== undefined) return { name: hostname };
  const parts = resourceId.replace(/\/+$/, "").split("/");
  const [, group] = /\/resourceGroups\/([^/]+)\//i.exec(resourceId) ?? [];
  const scaleSet = /\/virtualMachineScaleSets\//i.test(resourceId) ? `${parts.at(-3)}/` : "";
  return {
    name: `${scaleSet}${parts.at(-1)}`,
    ...(group === undefined ? {} : { group }),
  };
}

async function mapSome<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...await Promise.all(items.slice(at, at + AT_ONCE).map(work)));
  }
  return results;
}
