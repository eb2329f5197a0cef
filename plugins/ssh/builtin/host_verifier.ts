/** Judges the key that a host shows, as OpenSSH does, by the same file and with the same outcome. */

import type { Buffer } from "node:buffer";
import type { OptionValues, PluginContext } from "../../../core/mod.ts";
import { hostKeyPolicy } from "../host_key_policy.ts";
import { judgeHostKey } from "../judge_host_key.ts";
import { type HostKey, type KnownHostKey, openKnownHosts } from "../known_hosts.ts";
import { removalCommand } from "../removal_command.ts";
import type { SessionPlan } from "../session_plan.ts";

export interface HostVerifier {
  readonly known: readonly KnownHostKey[];
  /** Throws what is wrong with the key. At every exchange of keys: it must stay the same. */
  verify(key: Buffer): void;
  /** To be called when the host has proved that the key is its own: a new one is kept, and said. */
  keep(): Promise<void>;
  /** False where the key has changed and nobody minds: whoever is in between is not to learn one. */
  passwordsAllowed(): boolean;
}

type Context = Pick<PluginContext, "error" | "findProgram" | "log" | "platform">;

export async function createHostVerifier(
  { keyAlias, target }: SessionPlan,
  options: OptionValues,
  ctx: Context,
): Promise<HostVerifier> {
  const { check, file } = await hostKeyPolicy(options, ctx);
  const hosts = file === undefined ? undefined : openKnownHosts(file, ctx);
  const known = await hosts?.find(keyAlias) ?? [];
  const command = await removal(keyAlias, file ?? "", ctx);
  let shown: HostKey | undefined;
  let isNew = false;
  let changed = false;

  function judge(key: HostKey): void {
    const params = { target: target.label, file: file ?? "", command };
    switch (judgeHostKey(known, key)) {
      case "known":
        return;
      case "new":
        if (check === "strict") throw ctx.error("ssh/host-key-unknown", params);
        isNew = true;
        return;
      case "changed":
        if (check !== "off") throw ctx.error("ssh/host-key-changed", params);
        changed = true;
        ctx.log.warning("the host key has changed: no password is given", { file });
        return;
      case "revoked":
        throw ctx.error("ssh/host-key-revoked", params);
    }
  }

  return {
    known,
    passwordsAllowed: () => !changed,
    verify(blob) {
      const key = { type: typeOf(blob), key: blob.toString("base64") };
      if (shown === undefined) judge(key);
      else if (shown.key !== key.key) {
        throw ctx.error("ssh/host-key-changed", { target: target.label, command });
      }
      shown = key;
    },
    async keep() {
      if (!isNew || shown === undefined || hosts === undefined) return;
      isNew = false;
      await hosts.add(keyAlias, shown);
      ctx.log.warning(
        `Permanently added '${keyAlias}' (${nameOf(shown.type)}) to the list of known hosts.`,
      );
    },
  };
}

/** How the user gets rid of a key; who has no OpenSSH has no ssh-keygen either. */
async function removal(keyAlias: string, file: string, ctx: Context): Promise<string> {
  return await ctx.findProgram("ssh-keygen") === undefined
    ? `the lines that begin with ${keyAlias} in ${file}`
    : removalCommand(keyAlias, file);
}

/** The first string of the blob. ssh2 has checked that it is one that was asked for. */
function typeOf(blob: Buffer): string {
  return blob.toString("latin1", 4, 4 + blob.readUInt32BE());
}

/** As OpenSSH calls it. */
function nameOf(type: string): string {
  return type === "ssh-ed25519" ? "ED25519" : type === "ssh-rsa" ? "RSA" : "ECDSA";
}
