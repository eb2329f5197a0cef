/**
 * What is measured, a process of its own: the tunnel engine (`tunnel FRAME_SIZE TRANSPORT`), or for
 * scale a relay of TCP to TCP (`relay`). It reads where to go from stdin and prints its ports, one for
 * each of the pump's modes.
 */

import { startApp } from "../../core/app.ts";
import { systemClock } from "../../core/clock.ts";
import { noPrompt } from "../../core/no_prompt.ts";
import type { PluginFactory } from "../../core/mod.ts";
import { createPlatform } from "../../core/platform.ts";
import { Secret } from "../../core/secret.ts";
import { ws } from "../../plugins/ws/mod.ts";
import { modes } from "./modes.ts";

/** The pumps' ports, in the order of `modes`, and where the state may be kept. */
export interface Place {
  readonly tls: readonly number[];
  readonly tcp: readonly number[];
  readonly caFile: string;
  readonly state: string;
}

const [kind, frameSize, transport = "webtunnel"] = Deno.args;
const place: Place = JSON.parse(await new Response(Deno.stdin.readable).text());
const ports = kind === "relay" ? place.tcp.map(startRelay) : await openTunnels();
console.log(JSON.stringify({ ports }));

async function openTunnels(): Promise<number[]> {
  const app = await startApp({
    factories: [bench, ws],
    platform: createPlatform(
      Deno.build.os,
      (name) => name === "XDG_STATE_HOME" ? place.state : undefined,
    ),
    clock: systemClock,
    cwd: Deno.cwd(),
    sink: () => {},
    selfCommand: [Deno.execPath()],
    prompt: noPrompt,
    foreground: { take: () => ({ [Symbol.dispose]() {} }) },
    signal: new AbortController().signal,
  });
  app.configure({ caFile: place.caFile, credential: "bench" });
  const doors = app.context("bench");
  return await Promise.all(modes.map(async (mode, at) => {
    const tunnel = await doors.openTunnel({
      port: 0,
      frameSize: Number(frameSize),
      transport,
      target: {
        notes: [],
        label: `bench:${mode.port}`,
        resourceId: "/bench",
        port: mode.port,
        bastionHost: {
          id: "/bench",
          name: "bench",
          resourceGroup: "bench",
          subscription: "bench",
          sku: "Standard",
          endpoint: `127.0.0.1:${place.tls[at]}`,
          enableTunneling: true,
          enableIpConnect: false,
          provisioningState: "Succeeded",
        },
      },
    });
    return tunnel.info.port;
  }));
}

/** A credential that costs nothing. */
function bench(): ReturnType<PluginFactory> {
  return {
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
  };
}

function startRelay(port: number): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const local of listener) relay(local, port).catch(() => {});
  })();
  return listener.addr.port;
}

async function relay(local: Deno.TcpConn, port: number): Promise<void> {
  const remote = await Deno.connect({ hostname: "127.0.0.1", port });
  local.setNoDelay(true);
  remote.setNoDelay(true);
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
