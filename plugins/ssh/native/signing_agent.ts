/**
 * An ssh agent of ours, for OpenSSH to ask: so a key signs that never leaves its vault. Only this
 * user's programs can connect to it.
 */

import { Buffer } from "node:buffer";
import type { ByteStream, PluginContext, SshSigner } from "../../../core/mod.ts";
import { signerRefusal } from "../signer_refusal.ts";
import { type AgentProtocol, createAgentProtocol } from "./agent_protocol.ts";

export interface SigningAgent extends AsyncDisposable {
  /** For `IdentityAgent`. */
  readonly path: string;
  /** Why a key has not signed when it was asked to, last. */
  readonly refusal: Error | undefined;
}

/** OpenSSH's agents take no longer message, in bytes. */
const MAX_MESSAGE = 256 * 1024;

/** @param directory of 0700, for the socket */
export async function openSigningAgent(
  signers: readonly SshSigner[],
  directory: string,
  ctx: Pick<PluginContext, "listenPrivately" | "error" | "describeError">,
): Promise<SigningAgent> {
  const unusable = (error: unknown) => {
    const problem = error instanceof Error ? error.message : String(error);
    return ctx.error("ssh/signer-unusable", { problem }, error);
  };
  let refusal: Error | undefined;
  try {
    const answer = createAgentProtocol(signers, (error) => {
      refusal = signerRefusal(error, ctx);
    });
    const listener = await ctx.listenPrivately(directory, (asking) => serve(asking, answer));
    return {
      path: listener.path,
      get refusal() {
        return refusal;
      },
      [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
    };
  } catch (error) {
    throw unusable(error);
  }
}

/** One message after the other, until the client ends, or sends what cannot be one. */
async function serve(asking: ByteStream, answer: AgentProtocol): Promise<void> {
  for (;;) {
    const head = await readFully(asking, 4);
    const size = head?.readUInt32BE() ?? 0;
    if (size === 0 || size > MAX_MESSAGE) return;
    const message = await readFully(asking, size);
    if (!message) return;
    const said = await answer(message);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(said.length);
    const whole = Buffer.concat([length, said]);
    for (let at = 0; at < whole.length;) at += await asking.write(whole.subarray(at));
  }
}

/** Nothing where the stream ends first. */
async function readFully(source: ByteStream, size: number): Promise<Buffer | undefined> {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const got = await source.read(bytes.subarray(at));
    if (got === null) return undefined;
    at += got;
  }
  return bytes;
}
