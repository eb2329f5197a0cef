import net from "node:net";
import { startListening } from "./start_listening.ts";

export interface LoopbackServer {
  readonly port: number;
  /** Ends every connection at once and stops listening. */
  close(): Promise<void>;
}

export interface LoopbackServerOptions {
  /** A loopback address; 127.0.0.1 where it is left out. */
  readonly host?: string;
  /** The system chooses where it is left out, or 0. */
  readonly port?: number;
  /** Whether the other side's FIN leaves this side open. */
  readonly allowHalfOpen?: boolean;
  readonly onSocket: (socket: net.Socket) => void;
}

/** A TCP server that knows its connections. Rejects with Node's error where it cannot listen. */
export async function openLoopbackServer(options: LoopbackServerOptions): Promise<LoopbackServer> {
  const open = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: options.allowHalfOpen ?? false }, (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    // A client may leave at any moment: no affair of the server's.
    socket.on("error", () => socket.destroy());
    socket.setNoDelay(true);
    options.onSocket(socket);
  });
  const port = await startListening(server, options);
  return {
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
