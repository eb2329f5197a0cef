/** Applies the faults that take the place of an HTTP answer. */

import type { ServerResponse } from "node:http";
import { type Duplex, pipeline, Readable, type Writable } from "node:stream";
import type { ReplyFault } from "./fault_schema.ts";
import { plainSocketOf } from "./tls_server.ts";

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;
}

/** What a truncated body promises beyond what comes. */
const PROMISED = 1000;

const PORTAL =
  "<!DOCTYPE html><html><title>Sign in to the network</title><p>Please sign in.</html>";

/** `response` is left without an answer, or gets the fault's. */
export function failRequest(fault: ReplyFault, response: ServerResponse): void {
  const { socket } = response;
  if (!socket) return;
  // Node's server would not send less than it has declared, nor end the connection.
  if (fault.kind === "truncated") return failUpgrade(fault, socket);
  fail(fault, socket, ({ status, headers, body }) => {
    response.writeHead(status, headers);
    sendBody(response, body);
  });
}

/** The same for an upgrade, of which Node's server hands over only the socket. */
export function failUpgrade(fault: ReplyFault, socket: Duplex): void {
  fail(fault, socket, (reply) => refuseUpgrade(socket, reply));
}

/** Answers an upgrade with an ordinary HTTP response, and ends the connection. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: Reply): void {
  const lines = [
    `HTTP/1.1 ${status} Refused`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "Connection: close",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  sendBody(socket, body);
}

function sendBody(to: Writable, body: string | Readable): void {
  if (typeof body === "string") to.end(body);
  // A client that has had enough ends the stream with the connection.
  else pipeline(body, to, () => {});
}

function fail(fault: ReplyFault, socket: Duplex, send: (reply: Reply) => void): void {
  switch (fault.kind) {
    case "status":
      return send(statusReply(fault));
    case "not-json":
      return send(reply(200, "text/html", PORTAL));
    case "truncated":
      return send(truncatedReply(fault.status));
    case "huge-body":
      return send(hugeReply(fault.status, fault.bytes));
    case "silence":
      return;
    case "fin":
      socket.end();
      return;
    case "rst":
      plainSocketOf(socket).resetAndDestroy();
      return;
  }
}

function truncatedReply(status: number): Reply {
  const whole = reply(status, "application/json; charset=utf-8", '{"authToken":"');
  return {
    ...whole,
    headers: { ...whole.headers, "Content-Length": String(whole.body.length + PROMISED) },
  };
}

/** The body is made as it is taken. */
function hugeReply(status: number, bytes: number): Reply {
  const block = new Uint8Array(64 * 1024).fill(0x20);
  function* blocks() {
    for (let left = bytes; left > 0; left -= block.length) yield block.subarray(0, left);
  }
  return {
    status,
    headers: { "Content-Type": "application/json", "Content-Length": String(bytes) },
    body: Readable.from(blocks()),
  };
}

function statusReply(fault: Extract<ReplyFault, { kind: "status" }>): Reply {
  const retry: Record<string, string> = fault.retryAfter === undefined
    ? {}
    : { "Retry-After": String(fault.retryAfter) };
  switch (fault.body) {
    case "empty":
      return { status: fault.status, headers: { "Content-Length": "0", ...retry }, body: "" };
    case "html":
      return reply(fault.status, "text/html", `<html><h1>${fault.message}</h1></html>`, retry);
    case "json":
      return jsonReply(fault.status, errorBody(fault.at, fault.message), retry);
  }
}

/** Each service has its own shape of error. */
function errorBody(at: ReplyFault["at"], message: string): unknown {
  if (at === "imds") return { error: "invalid_request", error_description: message };
  if (at === "arm") return { error: { code: "EmulatorFault", message } };
  if (at === "entra") return { error: "temporarily_unavailable", error_description: message };
  return { message };
}

export function jsonReply(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return reply(status, "application/json; charset=utf-8", JSON.stringify(body), headers);
}

function reply(
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Reply & { readonly body: string } {
  const length = new TextEncoder().encode(body).length;
  return {
    status,
    headers: { "Content-Type": type, "Content-Length": String(length), ...headers },
    body,
  };
}
