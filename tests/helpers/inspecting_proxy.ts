/**
 * A proxy that inspects TLS, as companies' do: it opens ways with CONNECT, but ends TLS itself, with
 * a certificate of its own, and speaks HTTP/1.1 on both sides.
 */

import { connectProxy, joinConnections, type ProxyBehaviour } from "./connect_proxy.ts";
import { type RawServer, rawServer, readRequestHead, writeText } from "./raw_server.ts";
import type { TestCertificate } from "./test_certificate.ts";

export interface InspectingProxy extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Method, path and protocol of what began each connection that was inspected. */
  readonly requests: readonly string[];
  /** What new connections meet from now on. */
  behave(behaviour: ProxyBehaviour): void;
  /** New connections are shown another of the certificates. */
  present(index: number): void;
}

export interface InspectingProxyOptions {
  /** What it shows in place of the servers' own; the first one until `present` is called. */
  readonly certificates: readonly TestCertificate[];
  /** PEM of the CA of the servers behind it. */
  readonly farCa: string;
  /** Changes the head that begins a connection on its way to the server. */
  readonly rewriteRequest?: (head: string) => string;
  /** Changes the head of the answer to it. */
  readonly rewriteAnswer?: (head: string) => string;
}

export function inspectingProxy(options: InspectingProxyOptions): InspectingProxy {
  const { rewriteRequest = same, rewriteAnswer = same } = options;
  const requests: string[] = [];
  let presented = 0;

  async function inspect(near: Deno.Conn): Promise<void> {
    const head = await readRequestHead(near);
    requests.push(head.split("\r\n", 1)[0] ?? "");
    const [, hostname = "", port = "443"] = /^host: ([^:\r]+)(?::(\d+))?\r$/im.exec(head) ?? [];
    const plain = await Deno.connect({ hostname, port: Number(port) });
    const far = await Deno.startTls(plain, { hostname, caCerts: [options.farCa] });
    try {
      await writeText(far, rewriteRequest(head));
      if (rewriteAnswer !== same) await writeText(near, rewriteAnswer(await readRequestHead(far)));
    } catch (error) {
      far.close();
      throw error;
    }
    await joinConnections(near, far);
  }

  const inner: RawServer[] = options.certificates.map((one) => rawServer(inspect, one));
  const outer = connectProxy({ leadsTo: () => inner[presented]?.port ?? 0 });
  return {
    host: outer.host,
    requests,
    behave: outer.behave,
    present: (index) => presented = index,
    async [Symbol.asyncDispose]() {
      await outer[Symbol.asyncDispose]();
      await Promise.all(inner.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

function same(head: string): string {
  return head;
}
