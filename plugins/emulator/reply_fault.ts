/** Applies the faults that take the place of an HTTP answer. */

import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ReplyFault } from "./fault_schema.ts";
import { plainSocketOf } from "./tls_server.ts";

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const PORTAL =
  "<!DOCTYPE html><html><title>Sign in to the network</title><p>Please sign in.</html>";

/** `response` is left without an answer, or gets the fault's. */
export function failRequest(fault: ReplyFault, response: ServerResponse): void {
  const { socket } = response;
  if (!socket) return;
  fail(fault, socket, ({ status, headers, body }) => {
    response.writeHead(status, headers);
    response.end(body);
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
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

function fail(fault: ReplyFault, socket: Duplex, send: (reply: Reply) => void): void {
  switch (fault.kind) {
    case "status":
      return send(statusReply(fault));
    case "not-json":
      return send(reply(200, "text/html", PORTAL));
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
): Reply {
  const length = new TextEncoder().encode(body).length;
  return {
    status,
    headers: { "Content-Type": type, "Content-Length": String(length), ...headers },
    body,
  };
}
