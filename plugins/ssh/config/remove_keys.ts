import type { CommandContext } from "../../../core/mod.ts";
import { removeKey } from "./kept_key.ts";

/** Takes away the keys and certificates that one block names, and another does not. */
export async function removeKeys(
  before: string,
  after: string,
  ctx: Pick<CommandContext, "platform" | "error">,
): Promise<void> {
  const kept = namesIn(after);
  for (const name of namesIn(before)) {
    if (!kept.has(name)) await removeKey(name, ctx);
  }
}

/** Names alone: whoever edits the block must not have us remove another directory. */
function namesIn(block: string): Set<string> {
  const found = block.matchAll(
    /^ *Include ".*[\\/]certificates[\\/]([0-9a-f]{16})[\\/]current"$/gm,
  );
  return new Set([...found].flatMap(([, name]) => name ?? []));
}
