import type { PluginContext } from "../../core/mod.ts";

/** Why a key that only signs has not: an error of its owner's own as it is, or what it threw in words. */
export function signerRefusal(
  error: unknown,
  ctx: Pick<PluginContext, "error" | "describeError">,
): Error {
  if (error instanceof Error && ctx.describeError(error).code !== "unexpected") return error;
  const problem = error instanceof Error ? error.message : String(error);
  return ctx.error("ssh/signer-refused", { problem }, error);
}
