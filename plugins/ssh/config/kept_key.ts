/**
 * Key and certificate for ssh's configuration, on disk until they have ended: ssh is started by
 * whoever likes, and reads files alone.
 *
 * Each pair has a directory of its own, and one file of settings names the current one. So an ssh
 * that has read it goes on with a pair that fits together, while another renews.
 */

import { join } from "node:path";
import type { CommandContext, VmSignIn } from "../../../core/mod.ts";
import { writeIdentity } from "../native/write_identity.ts";
import { openStateDirectory } from "../state_directory.ts";
import { settingLine } from "./setting_line.ts";

type Context = Pick<CommandContext, "platform" | "clock" | "lock" | "error">;

/** One that ends sooner, in ms, is renewed: what ssh reads is used some seconds later. */
const MARGIN = 5 * 60_000;
/** Pairs that stay: the current one, and the one before, which an ssh may be about to read. */
const KEPT = 2;

/** @param name 16 hexadecimal digits: it comes from ssh's configuration, which anything may stand in */
function keyDirectory(
  name: string,
  { platform, error }: Pick<Context, "platform" | "error">,
) {
  if (!/^[0-9a-f]{16}$/.test(name)) {
    throw error("usage", {
      problem: "That is no key of ours.",
      remedy: "ssh's configuration names it.",
    });
  }
  return join(platform.stateDirectory, "certificates", name);
}

export function settingsFile(name: string, ctx: Pick<Context, "platform" | "error">): string {
  return join(keyDirectory(name, ctx), "current");
}

/** Asks for a sign-in unless the one that is kept is good for some minutes more. */
export async function renewKey(
  name: string,
  signIn: () => Promise<VmSignIn>,
  ctx: Context,
): Promise<void> {
  const directory = keyDirectory(name, ctx);
  const file = settingsFile(name, ctx);
  await openStateDirectory(ctx);
  if (await isGood(file, ctx)) return;
  await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
  await ctx.lock(join(directory, "lock"), async () => {
    // Another ssh, started at the same time, may have renewed it meanwhile.
    if (await isGood(file, ctx)) return;
    await using given = await signIn();
    const now = ctx.clock.date().getTime();
    const settings = await writePair(join(directory, `${now}-${crypto.randomUUID()}`), given, ctx);
    const until = given.expiresOn ?? Number.MAX_SAFE_INTEGER;
    const draft = `${file}.new`;
    await Deno.writeTextFile(draft, `# ${until}\n${settings.map(settingLine).join("")}`, {
      mode: 0o600,
    });
    await Deno.rename(draft, file);
    await removeOld(directory);
  });
}

export async function removeKey(
  name: string,
  ctx: Pick<Context, "platform" | "error">,
): Promise<void> {
  try {
    await Deno.remove(keyDirectory(name, ctx), { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function isGood(file: string, { clock }: Context): Promise<boolean> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const [, until = "0"] = /^# (\d+)$/m.exec(text) ?? [];
  return Number(until) - clock.date().getTime() > MARGIN;
}

async function writePair(
  directory: string,
  { methods }: VmSignIn,
  ctx: Context,
): Promise<string[]> {
  await Deno.mkdir(directory, { mode: 0o700 });
  const settings: string[] = [];
  for (const [index, method] of methods.entries()) {
    if (method.kind !== "key") continue;
    const { privateKey, certificate } = method;
    const key = { text: privateKey.reveal(), isPublic: false, certificate };
    settings.push(...await writeIdentity(join(directory, `key-${index}`), key, ctx));
  }
  return settings;
}

async function removeOld(directory: string): Promise<void> {
  const pairs: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (isDirectory) pairs.push(name);
  }
  // Their names begin with the time at which they were made.
  for (const name of pairs.sort().slice(0, -KEPT)) {
    await Deno.remove(join(directory, name), { recursive: true });
  }
}
