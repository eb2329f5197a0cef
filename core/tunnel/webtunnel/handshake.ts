/** The opening handshake of RFC 6455 §4, client side: pure, bytes in and bytes out. */

import { printable } from "../../secret.ts";

/** An answer's head is a few hundred bytes; a longer one is not kept. */
export const MAX_HEAD = 16 * 1024;

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

export interface UpgradeRequest {
  readonly bytes: Uint8Array;
  /** What Sec-WebSocket-Accept must be. */
  readonly accept: string;
}

/**
 * The request for `path` on `endpoint`. No subprotocol, no extension, no Authorization; an Origin,
 * since the official client sends one (PROTOCOL §3).
 */
export async function createUpgradeRequest(
  endpoint: string,
  path: string,
): Promise<UpgradeRequest> {
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw new TypeError("the path is not fit for a request line");
  const key = toBase64(crypto.getRandomValues(new Uint8Array(16)));
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + GUID));
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${endpoint}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    `Origin: https://${endpoint}`,
    "",
    "",
  ];
  return {
    bytes: new TextEncoder().encode(lines.join("\r\n")),
    accept: toBase64(new Uint8Array(digest)),
  };
}

export interface UpgradeAnswer {
  readonly status: number;
  readonly statusText: string;
  /** By lower-case name; several of one name are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** Where the body, or the first frame, begins. */
  readonly bodyAt: number;
}

/** The head at the start of `bytes`; undefined while it is incomplete, an error where it is none. */
export function parseUpgradeAnswer(
  bytes: Uint8Array,
): UpgradeAnswer | { problem: string } | undefined {
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) {
    if (text.length >= 5 && !text.startsWith("HTTP/")) return { problem: "it is not HTTP" };
    return bytes.length > MAX_HEAD ? { problem: "its head has no end" } : undefined;
  }
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const match = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(statusLine);
  if (!match) return { problem: `it is not HTTP/1.1 (${printable(statusLine, 60)})` };
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) return { problem: "a header line is malformed" };
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(match[1]), statusText: match[2] ?? "", headers, bodyAt: end + 4 };
}

/**
 * What is wrong with a 101, or undefined. The service has been seen to send ones without headers;
 * a fresh token is the remedy. `Connection: Upgrade, Keep-Alive` is fine.
 */
export function problemOfUpgrade(answer: UpgradeAnswer, accept: string): string | undefined {
  const tokens = (name: string) =>
    (answer.headers.get(name) ?? "").toLowerCase().split(",").map((token) => token.trim());
  if (!tokens("upgrade").includes("websocket")) return "its 101 has no Upgrade header";
  if (!tokens("connection").includes("upgrade")) return "its 101 has no Connection header";
  if (answer.headers.get("sec-websocket-accept") !== accept) {
    return "its Sec-WebSocket-Accept is wrong";
  }
  // Neither was asked for, so that neither may be answered (§4.1).
  if (answer.headers.has("sec-websocket-extensions")) return "it wants an extension";
  if (answer.headers.has("sec-websocket-protocol")) return "it wants a subprotocol";
  return undefined;
}

/** Whether an HTTP answer stands where the first frame should (a 101 with a raw 400 behind it). */
export function beginsWithHttp(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(0, 7)) === "HTTP/1.";
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
