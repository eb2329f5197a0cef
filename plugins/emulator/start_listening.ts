import type net from "node:net";

/** The port that the server then has. Rejects with Node's error where it cannot listen. */
export async function startListening(
  server: net.Server,
  { port = 0, host = "127.0.0.1" }: { readonly port?: number; readonly host?: string },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no TCP listener");
  return address.port;
}
