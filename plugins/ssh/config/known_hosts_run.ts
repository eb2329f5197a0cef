/**
 * What `bastion ssh-known-hosts` does: ssh's `KnownHostsCommand` asks for the keys of a host, first
 * for the types that it is to ask the host for (`ORDER`), then with the key that the host has shown.
 */

import { join } from "node:path";
import type { CommandContext, CommandHandler, Target } from "../../../core/mod.ts";
import { hostKeyPolicy } from "../host_key_policy.ts";
import { judgeHostKey } from "../judge_host_key.ts";
import {
  type HostKey,
  type KnownHostKey,
  type KnownHosts,
  openKnownHosts,
} from "../known_hosts.ts";
import { removalCommand } from "../removal_command.ts";
import { openStateDirectory } from "../state_directory.ts";
import { targetIdentity } from "../target_identity.ts";

export const run: CommandHandler = async ({ options, target: asked, args }, ctx) => {
  const [name = "", reason = "", type = "", key = ""] = args;
  // It begins a line of ours: it must be one word, and no pattern.
  if (!/^[\w.:[\]-]+$/.test(name)) throw ctx.error("ssh/host-word", { host: JSON.stringify(name) });
  // Whether it is fit was checked by the proxy, and is not asked again.
  const target = await ctx.resolve({ ...asked, check: false });
  const { keyAlias } = targetIdentity(target);
  const { check, file = "" } = await hostKeyPolicy(options, ctx);
  const store = openKnownHosts(file, ctx);
  const keys = reason === "HOSTNAME"
    ? await judge({ type, key }, { target, keyAlias, file, store, strict: check === "strict" }, ctx)
    : await store.find(keyAlias);
  const lines = keys.map(({ type, key, revoked }) =>
    `${revoked ? "@revoked " : ""}${name} ${type} ${key}\n`
  );
  const bytes = new TextEncoder().encode(lines.join(""));
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
};

interface Place {
  readonly target: Target;
  readonly keyAlias: string;
  readonly file: string;
  readonly store: KnownHosts;
  readonly strict: boolean;
}

/** What ssh may hold the key against: it refuses what is not among them. */
async function judge(
  offered: HostKey,
  { target: { label }, keyAlias, file, store, strict }: Place,
  ctx: CommandContext,
): Promise<readonly KnownHostKey[]> {
  // Many ssh at once may see a new host: one of them records its key.
  const lock = join(await openStateDirectory(ctx), "known_hosts.lock");
  return await ctx.lock(lock, async () => {
    const known = await store.find(keyAlias);
    const verdict = judgeHostKey(known, offered);
    if (verdict === "known") return known;
    if (verdict === "new") {
      if (strict) {
        ctx.out.failure(ctx.error("ssh/host-key-unknown", { target: label, file }));
        return known;
      }
      await store.add(keyAlias, offered);
      // In OpenSSH's words, for those who look for them; with `--quiet`, which ssh gives us, too.
      const kind = offered.type.replace(/^ssh-|-nistp\d+$/g, "").toUpperCase();
      ctx.out.instruct(
        `Warning: Permanently added '${keyAlias}' (${kind}) to the list of known hosts.`,
      );
      return [...known, { ...offered, revoked: false }];
    }
    if (verdict === "revoked") {
      ctx.out.failure(ctx.error("ssh/host-key-revoked", { target: label, file }));
      return known;
    }
    const command = removalCommand(keyAlias, file);
    ctx.out.failure(ctx.error("ssh/host-key-changed", { target: label, command }));
    return known;
  });
}
