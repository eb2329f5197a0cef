/**
 * What is measured, a process of its own: the tunnel engine (`tunnel FRAME_SIZE TRANSPORT`), or for
 * scale a relay of TCP to TCP (`relay`). It reads where to go from stdin and prints its ports.
 */

import { startApp } from "../../core/app.ts";
import { systemClock } from "../../core/clock.ts";
import { createPlatform } from "../../core/platform.ts";
import { Secret } from "../../core/secret.ts";

/** What the pump prints, and where the state may be kept. */
interface Place {
  readonly tls: number;
  readonly tcp: number;
  readonly caFile: string;
  readonly state: string;
}

const [kind, frameSize, transport] = Deno.args;
const place: Place = JSON.parse(await new Response(Deno.stdin.readable).text());
const ports: number[] = kind === "relay" ? startRelays() : await openTunnels();
console.log(JSON.stringify({ ports }));

/** One tunnel for each of the pump's modes. */
async function openTunnels(): Promise<number[]> {
  const app = await startApp({
    factories: [() => ({
      name: "bench",
      version: "1.0.0",
      apiVersion: 1,
      credentials: [{
        name: "bench",
        create: () =>
          Promise.resolve({
            name: "bench",
            getToken: () =>
              Promise.resolve({ token: new Secret("x".repeat(1500)), expiresOn: Date.now() + 1e9 }),
          }),
      }],
    })],
    platform: createPlatform(
      Deno.build.os,
      (name) => name === "XDG_STATE_HOME" ? place.state : undefined,
    ),
    clock: systemClock,
    cwd: Deno.cwd(),
    sink: () => {},
    selfCommand: [Deno.execPath()],
    foreground: { take: () => ({ [Symbol.dispose]() {} }) },
    signal: new AbortController().signal,
  });
  app.configure({ caFile: place.caFile });
  const doors = app.context("bench");
  return await Promise.all([1, 2, 3].map(async (mode) => {
    const tunnel = await doors.openTunnel({
      port: 0,
      frameSize: Number(frameSize),
      ...(transport ? { transport } : {}),
      target: {
        label: `bench:${mode}`,
        resourceId: "/bench",
        port: mode,
        bastionHost: {
          id: "/bench",
          name: "bench",
          resourceGroup: "bench",
          subscription: "bench",
          sku: "Standard",
          endpoint: `127.0.0.1:${place.tls}`,
          enableTunneling: true,
          enableIpConnect: false,
          provisioningState: "Succeeded",
        },
      },
    });
    return tunnel.info.port;
  }));
}

function startRelays(): number[] {
  return [1, 2, 3].map((mode) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    (async () => {
      for await (const local of listener) relay(local, mode).catch(() => {});
    })();
    return listener.addr.port;
  });
}

async function relay(local: Deno.TcpConn, mode: number): Promise<void> {
  const remote = await Deno.connect({ hostname: "127.0.0.1", port: place.tcp });
  local.setNoDelay(true);
  remote.setNoDelay(true);
  await remote.write(Uint8Array.of(mode));
  const copy = async (from: Deno.Conn, to: Deno.Conn) => {
    const buffer = new Uint8Array(64 * 1024);
    for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
      for (let at = 0; at < n;) at += await to.write(buffer.subarray(at, n));
    }
  };
  await Promise.race([copy(local, remote), copy(remote, local)]).catch(() => {});
  local.close();
  remote.close();
}
