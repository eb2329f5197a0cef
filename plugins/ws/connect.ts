/** A channel over npm:ws, on the connection that the core's dialler opens. */

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import type { Channel, ChannelOptions, PluginContext } from "../../core/mod.ts";
import { openChannel } from "./channel.ts";
import { socketStream } from "./socket_stream.ts";

/** How long the service may take to answer the upgrade, in ms. */
const UPGRADE_TIMEOUT = 15_000;
/** Of a refusal's body so much is read, for the reason in it. */
const MAX_REFUSAL_BODY = 16 * 1024;
/** A message is held whole by the library, so that it must have a limit. */
const MAX_MESSAGE = 16 * 1024 * 1024;

export async function connect(options: ChannelOptions, ctx: PluginContext): Promise<Channel> {
  const cancel = new AbortController();
  const dialing = options.dial(
    options.endpoint,
    AbortSignal.any([options.signal, cancel.signal]),
  );
  dialing.catch(() => {});
  let stream: Duplex;
  let url: string;
  try {
    const path = await options.path;
    url = `wss://${options.endpoint}${path.reveal()}`;
    stream = socketStream(await dialing);
  } catch (error) {
    cancel.abort();
    await dialing.then((conn) => conn.close(), () => {});
    throw error;
  }
  const socket = new WebSocket(url, {
    createConnection: () => stream,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    handshakeTimeout: UPGRADE_TIMEOUT,
    skipUTF8Validation: true,
    autoPong: false,
    origin: `https://${options.endpoint}`,
  });
  // Before the handshake is awaited: the first messages may come with its last packet.
  const channel = openChannel(socket, stream, options, ctx);
  try {
    await opened(socket, options.signal, ctx);
    return channel;
  } catch (error) {
    socket.terminate();
    stream.destroy();
    throw error;
  }
}

function opened(socket: WebSocket, signal: AbortSignal, ctx: PluginContext): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    const settle = (act: () => void) => {
      signal.removeEventListener("abort", stop);
      act();
    };
    socket.once("open", () => settle(resolve));
    socket.once("unexpected-response", (_request, response) => {
      refusal(response, ctx).then((error) => settle(() => reject(error)), reject);
    });
    socket.once("error", (error) => {
      settle(() => reject(ctx.error("upgrade-broken", { problem: error.message }, error)));
    });
  });
}

async function refusal(response: IncomingMessage, ctx: PluginContext): Promise<Error> {
  let body = "";
  try {
    for await (const chunk of response.setEncoding("utf8")) {
      body += chunk;
      if (body.length > MAX_REFUSAL_BODY) break;
    }
  } catch {
    // Cut off: what came is enough.
  }
  const status = response.statusCode ?? 0;
  const detail = reasonIn(body);
  return status === 403
    ? ctx.error("upgrade-forbidden", { detail })
    : ctx.error("upgrade-refused", { status, detail });
}

/** The message of the service's JSON, as `: message`. */
function reasonIn(body: string): string {
  try {
    const { message } = JSON.parse(body);
    return typeof message === "string" && message !== "" ? `: ${message.slice(0, 200)}` : "";
  } catch {
    return "";
  }
}
