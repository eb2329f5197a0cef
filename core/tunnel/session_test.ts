import assert from "node:assert/strict";
import { type FakeAnswer, fakeHttp } from "../../tests/helpers/fake_http.ts";
import { fakeTarget } from "../../tests/helpers/fake_target.ts";
import { createLogger } from "../logger.ts";
import type { HttpRequest } from "../net/http_client.ts";
import { Secret } from "../secret.ts";
import { createManualClock } from "../testing/manual_clock.ts";
import { OwedDeletes } from "./owed_deletes.ts";
import { deleteSession, openSession } from "./session.ts";

const TOKENS = { authToken: "auth-/1", nodeId: "node-1", websocketToken: "socket-/1" };

/** Opens a session and closes it; the journal's entries tell where its DELETE must go. */
async function run(sku: string, answer: (request: HttpRequest) => FakeAnswer) {
  const http = fakeHttp(answer);
  const log = createLogger("test", () => {});
  const clock = createManualClock();
  const journal: string[] = [];
  const session = await openSession(
    fakeTarget({ sku, endpoint: "hub.pods.example" }),
    { token: new Secret("planted-token"), expiresOn: Infinity },
    {
      http,
      clock,
      log,
      dataPodSuffix: "pods.example",
      owed: new OwedDeletes((key) => deleteSession(key, { http, log }), clock),
      journal: {
        opened: ({ endpoint }) => {
          journal.push(endpoint);
          return { closed: () => void journal.push("closed") };
        },
        recover: () => Promise.resolve(),
        close() {},
      },
    },
    new AbortController().signal,
    true,
  );
  const path = session.path.reveal();
  await session.close();
  return {
    path,
    endpoint: session.endpoint,
    journal,
    requests: http.requests.map(({ method, url }) => `${method} ${url}`),
    http,
  };
}

Deno.test("a session of a host with a data plane of its own", async () => {
  const { requests, ...session } = await run(
    "Standard",
    ({ method }) => method === "POST" ? { body: TOKENS } : {},
  );
  assert.deepEqual(requests, [
    "POST https://hub.pods.example/api/tokens",
    "DELETE https://hub.pods.example/api/tokens/auth-%2F1",
  ]);
  assert.equal(session.endpoint, "hub.pods.example");
  assert.equal(session.path, "/webtunnelv2/socket-%2F1?X-Node-Id=node-1");
});

Deno.test("a Developer host's session: the pod first, and everything else with the pod", async () => {
  const { requests, http, ...session } = await run(
    "developer",
    ({ method, url }) =>
      String(url).endsWith("/api/connection")
        ? { body: "pod-7.pods.example:8443" }
        : method === "POST"
        ? { body: TOKENS }
        : { status: 204 },
  );
  assert.deepEqual(requests, [
    "POST https://hub.pods.example/api/connection",
    "POST https://pod-7.pods.example:8443/api/tokens",
    "DELETE https://pod-7.pods.example:8443/api/tokens/auth-%2F1",
  ]);
  assert.equal(session.endpoint, "pod-7.pods.example:8443");
  assert.equal(session.path, "/omni/webtunnel/socket-%2F1");
  assert.deepEqual(session.journal, ["pod-7.pods.example:8443", "closed"]);
  const form = new URLSearchParams(String(http.requests[1]?.body));
  assert.equal(form.get("aztoken"), "planted-token");
  assert.equal(form.get("workloadHostPort"), "22");
});
