/**
 * What it means that the service ends a connection before the target has said a word. Pure.
 *
 * The close code is the same whether the target refuses or is silent: only time tells the two apart.
 */

import { bastionError, isBastionError } from "../errors.ts";

/** A refusal comes at once; who drops packets is given up on after some seconds, in ms. */
const REFUSED_WITHIN = 3_000;

/**
 * @param ms since the WebSocket was open
 * @returns `target-refused`, `target-unreachable`; any other error as it is
 */
export function explainClose(error: unknown, target: string, ms: number): unknown {
  if (!isBastionError(error, "peer-closed") || error.params["code"] !== 1011) return error;
  const { code, detail = "" } = error.params;
  if (ms < REFUSED_WITHIN) return bastionError("target-refused", { target, code, detail }, error);
  const seconds = Math.round(ms / 100) / 10;
  return bastionError("target-unreachable", { target, seconds, code, detail }, error);
}
