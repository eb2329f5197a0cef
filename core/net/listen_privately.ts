/** Listens where programs of this user alone can connect: an ssh agent's place. */

import { createServer, type Socket } from "node:net";
import { chunkedSource } from "../chunked_source.ts";
import type { Platform } from "../platform.ts";
import type { ByteStream } from "../tunnel/tunnel_request.ts";

/** Disposing of it ends all connections, and waits for whoever serves them. */
export interface PrivateListener extends AsyncDisposable {
  /** A socket's path (0600), or on Windows a pipe's. */
  readonly path: string;
}

/**
 * @param directory the caller's own (0700); on Windows the system keeps pipes elsewhere, and lets
 * other users read them, but not write
 * @param serve called for each connection, which is closed when it settles
 * @throws whatever the system says
 */
export async function listenPrivately(
  directory: string,
  serve: (connection: ByteStream) => Promise<void>,
  { hasFileModes, privateSocketPath }: Pick<Platform, "hasFileModes" | "privateSocketPath">,
): Promise<PrivateListener> {
  const path = privateSocketPath(directory);
  const serving = new Map<Socket, Promise<void>>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    // Its failure is told to whoever reads and writes.
    socket.on("error", () => {});
    const done = serve(streamOf(socket)).catch(() => {}).finally(() => {
      socket.destroy();
      serving.delete(socket);
    });
    serving.set(socket, done);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  if (hasFileModes) await Deno.chmod(path, 0o600);
  return {
    path,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const left = [...serving];
      for (const [socket] of left) socket.destroy();
      await Promise.all([closed, ...left.map(([, done]) => done)]);
    },
  };
}

function streamOf(socket: Socket): ByteStream {
  const chunks: AsyncIterator<Uint8Array> = socket[Symbol.asyncIterator]();
  return {
    ...chunkedSource(async () => {
      const { done, value } = await chunks.next();
      return done ? null : value;
    }),
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
      }),
    closeWrite: () => new Promise((resolve) => socket.end(() => resolve())),
    close: () => void socket.destroy(),
  };
}
