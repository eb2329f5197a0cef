import { type LoopbackServer, openLoopbackServer } from "./loopback_server.ts";

/** Sends back what comes, and ends when the client ends. */
export function openEchoServer(): Promise<LoopbackServer> {
  return openLoopbackServer({ allowHalfOpen: true, onSocket: (socket) => socket.pipe(socket) });
}
