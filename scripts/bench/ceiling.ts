/** What the pump can give and take, with nobody between: raw TLS, frames neither read nor made. */

import { createUpgradeRequest } from "../../core/tunnel/webtunnel/handshake.ts";
import { encodedLimit, encodeMessages } from "../../core/tunnel/webtunnel/frame_encoder.ts";
import type { Pump } from "./child.ts";

const MIB = 1024 * 1024;

async function openRaw(pump: Pump, port: number): Promise<Deno.TlsConn> {
  const endpoint = `127.0.0.1:${pump.tls}`;
  using client = Deno.createHttpClient({ http2: false, caCerts: [pump.ca] });
  const response = await fetch(`https://${endpoint}/api/tokens`, {
    method: "POST",
    body: new URLSearchParams({ workloadHostPort: String(port) }),
    client,
  });
  const { websocketToken } = await response.json();
  const tcp = await Deno.connect({ hostname: "127.0.0.1", port: pump.tls });
  tcp.setNoDelay(true);
  const conn = await Deno.startTls(tcp, { hostname: "127.0.0.1", caCerts: [pump.ca] });
  const { bytes } = await createUpgradeRequest(endpoint, `/webtunnelv2/${websocketToken}`);
  await conn.write(bytes);
  await conn.read(new Uint8Array(1024));
  return conn;
}

/** Bytes a second, framing included (0.2 percent at 4 KiB). */
export async function ceilingDown(pump: Pump, port: number, size: number) {
  using conn = await openRaw(pump, port);
  const buffer = new Uint8Array(64 * 1024);
  const take = async (bytes: number) => {
    for (let left = bytes; left > 0;) left -= await conn.read(buffer) ?? Number.POSITIVE_INFINITY;
  };
  await take(MIB);
  const start = performance.now();
  await take(size);
  return size / (performance.now() - start) * 1000;
}

/** Bytes of payload a second, of frames made beforehand. */
export async function ceilingUp(
  pump: Pump,
  port: number,
  size: number,
  frameSize: number,
) {
  using conn = await openRaw(pump, port);
  const payload = new Uint8Array(60 * 1024);
  const frames = encodeMessages(
    payload,
    frameSize,
    new Uint8Array(encodedLimit(payload.length, frameSize)),
  );
  const start = performance.now();
  const writing = (async () => {
    for (let sent = 0; sent < size; sent += payload.length) {
      for (let at = 0; at < frames.length;) at += await conn.write(frames.subarray(at));
    }
  })();
  const buffer = new Uint8Array(4096);
  // An acknowledgement is a frame of a byte or more: two bytes of header, then one for each MiB.
  for (let acknowledged = 0; acknowledged < Math.floor(size / MIB);) {
    const n = await conn.read(buffer);
    if (n === null) break;
    for (let at = 0; at < n; at += 2 + (buffer[at + 1] ?? 0)) acknowledged += buffer[at + 1] ?? 0;
  }
  await writing;
  return size / (performance.now() - start) * 1000;
}
