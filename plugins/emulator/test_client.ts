/** A client for the emulator's own tests: HTTPS by fetch, WebSockets by `ws`. */

import { once } from "node:events";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import type { RunningEmulator } from "./emulator.ts";
import { RESOURCE_MANAGER } from "./token_audiences.ts";
import { defaults } from "./world_schema.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON, for looking into; an empty object where it is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface TokenAnswer {
  readonly authToken: string;
  readonly nodeId: string;
  readonly websocketToken: string;
}

export interface TestClient extends Disposable {
  request(url: string, init?: RequestInit): Promise<Answer>;
  /** A fresh access token of the first service principal. */
  accessToken(): Promise<string>;
  /** POST to Entra's token endpoint; the tenant is `organizations` where it is left out. */
  signIn(form: Readonly<Record<string, string>>, tenant?: string): Promise<Answer>;
  /** A user's access token for Resource Manager, by password. */
  userToken(username: string, password: string, tenant?: string): Promise<string>;
  get(path: string, token?: string): Promise<Answer>;
  /** POST /api/tokens at the first bastion host; an undefined field is left out. */
  post(fields: Readonly<Record<string, string | undefined>>, init?: RequestInit): Promise<Answer>;
  /** A session for a port of the first VM. */
  session(port: number): Promise<TokenAnswer>;
  webSocketUrl(session: TokenAnswer): string;
  /** An open WebSocket to a port of the first VM. */
  connect(port: number): Promise<WebSocket>;
  deleteSession(session: TokenAnswer, nodeId?: string): Promise<Answer>;
}

export function createTestClient(emulator: RunningEmulator): TestClient {
  const client = Deno.createHttpClient({ caCerts: [emulator.ca], http2: false });
  const [host] = emulator.world.bastionHosts;
  const [vm] = emulator.world.virtualMachines;
  const [principal] = emulator.world.servicePrincipals;
  if (!host || !vm || !principal) throw new TypeError("the world is too small");
  const dataPlane = `https://${emulator.dnsNameOf(host)}`;

  const self: TestClient = {
    async request(url, init) {
      const response = await fetch(url, { ...init, client, redirect: "manual" });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parse(text) };
    },
    async accessToken() {
      const { json } = await self.request(
        `${emulator.endpoint}/${principal.tenant}/oauth2/v2.0/token`,
        {
          method: "POST",
          body: new URLSearchParams({
            grant_type: "client_credentials",
            client_id: principal.clientId,
            client_secret: principal.clientSecret ?? "",
            scope: "https://management.emulator.test/.default",
          }),
        },
      );
      return String(json["access_token"]);
    },
    signIn: (form, tenant = "organizations") =>
      self.request(`${emulator.endpoint}/${tenant}/oauth2/v2.0/token`, {
        method: "POST",
        body: new URLSearchParams({
          client_id: defaults.publicClient,
          scope: `${RESOURCE_MANAGER}/.default openid profile offline_access`,
          ...form,
        }),
      }),
    async userToken(username, password, tenant) {
      const form = { grant_type: "password", username, password };
      const { status, text, json } = await self.signIn(form, tenant);
      if (status !== 200) throw new Error(text);
      return String(json["access_token"]);
    },
    async get(path, token) {
      const headers = { Authorization: `Bearer ${token ?? await self.accessToken()}` };
      return await self.request(`${emulator.endpoint}${path}`, { headers });
    },
    async post(fields, init) {
      const body = new URLSearchParams();
      const all = {
        resourceId: vm.id,
        protocol: "tcptunnel",
        workloadHostPort: "7",
        aztoken: fields["aztoken"] ?? await self.accessToken(),
        ...fields,
      };
      for (const [name, value] of Object.entries(all)) {
        if (value !== undefined) body.set(name, value);
      }
      return await self.request(`${dataPlane}/api/tokens`, { method: "POST", body, ...init });
    },
    async session(port) {
      const { status, text, json } = await self.post({ workloadHostPort: String(port) });
      if (status !== 200) throw new Error(text);
      const { authToken, nodeId, websocketToken } = json;
      return {
        authToken: String(authToken),
        nodeId: String(nodeId),
        websocketToken: String(websocketToken),
      };
    },
    webSocketUrl: ({ websocketToken, nodeId }) =>
      `wss://${emulator.dnsNameOf(host)}/webtunnelv2/${encodeURIComponent(websocketToken)}` +
      `?X-Node-Id=${nodeId}`,
    async connect(port) {
      const webSocket = new WebSocket(self.webSocketUrl(await self.session(port)), {
        ca: emulator.ca,
        perMessageDeflate: false,
      });
      await once(webSocket, "open");
      return webSocket;
    },
    deleteSession: ({ authToken, nodeId }, otherNodeId = nodeId) =>
      self.request(`${dataPlane}/api/tokens/${encodeURIComponent(authToken)}`, {
        method: "DELETE",
        headers: { "X-Node-Id": otherNodeId },
      }),
    [Symbol.dispose]: () => client.close(),
  };
  return self;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
