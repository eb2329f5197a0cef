/** The listener that Entra, Resource Manager and the emulator's own controls share. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "../../core/mod.ts";
import type { Certificates } from "./certificates.ts";
import type { Controls } from "./controls.ts";
import { isEntraPath } from "./entra.ts";
import type { Faults } from "./faults.ts";
import { latency } from "./latency.ts";
import type { LoopbackServer } from "./loopback_server.ts";
import { failRequest } from "./reply_fault.ts";
import type { Stats } from "./stats.ts";
import { openTlsServer } from "./tls_server.ts";
import { WORKLOAD_PATH } from "./workload_tokens.ts";

export interface EndpointOptions {
  readonly certificates: Certificates;
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly faults: Faults;
  readonly stats: Stats;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log?: Logger | undefined;
}

export interface Services {
  readonly entra: {
    handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  };
  readonly workloads: {
    handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  };
  readonly arm: {
    handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  };
  readonly controls: Controls;
}

/** @param services what answers; requests wait for it */
export function openEndpoint(
  options: EndpointOptions,
  services: Promise<Services>,
): Promise<LoopbackServer> {
  const { faults, stats, signal } = options;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = URL.parse(request.url ?? "/", "https://emulator");
    if (!url) {
      response.writeHead(400);
      response.end();
      return;
    }
    const { entra, arm, workloads, controls } = await services;
    if (url.pathname.startsWith("/_emulator/")) {
      return await controls.handle(request, response, url.pathname);
    }
    if (url.pathname.startsWith(WORKLOAD_PATH)) {
      return await workloads.handle(request, response, url);
    }
    const isEntra = isEntraPath(url.pathname);
    if (isEntra) stats.entraRequests++;
    const strike = faults.strike(isEntra ? "entra" : "arm", undefined, url.pathname);
    if (!await latency(strike.latency, signal)) return;
    if (strike.fault) failRequest(strike.fault, response);
    else if (isEntra) await entra.handle(request, response, url);
    else await arm.handle(request, response, url);
  }

  return openTlsServer({
    certificates: options.certificates,
    host: options.address,
    port: options.port,
    onConnection: () => stats.endpointConnections++,
    onRequest: answer,
    now: options.now,
    log: options.log,
  });
}
