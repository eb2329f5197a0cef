import assert from "node:assert/strict";
import { fakeTarget } from "../../tests/helpers/fake_target.ts";
import { type FakeAnswer, fakeHttp } from "../../tests/helpers/fake_http.ts";
import { Secret } from "../secret.ts";
import { findDataPod } from "./data_pod.ts";

const target = fakeTarget({
  name: "dev",
  sku: "Developer",
  endpoint: "brain.pods.example",
  enableTunneling: false,
  enableIpConnect: false,
});

function find(answer: FakeAnswer, suffix: string | undefined = "pods.example") {
  const http = fakeHttp(() => answer);
  const token = { token: new Secret("planted-token"), expiresOn: Infinity };
  const doors = { http, date: () => new Date() };
  const pod = findDataPod(target, token, suffix, doors, new AbortController().signal);
  return { pod, http };
}

Deno.test("findDataPod: asked for at the host's own address, with the token in the body", async () => {
  const { pod, http } = find({ body: " Pod-7.West.Pods.Example \n" });
  assert.equal(await pod, "pod-7.west.pods.example");
  const [request] = http.requests;
  assert.equal(request?.method, "POST");
  assert.equal(request?.url, "https://brain.pods.example/api/connection");
  assert.equal(request?.headers?.["Authorization"], undefined);
  assert.deepEqual(JSON.parse(String(request?.body)), {
    resourceId: target.resourceId,
    bastionResourceId: target.bastionHost.id,
    vmPort: 22,
    azToken: "planted-token",
    connectionType: "nativeclient",
  });
});

Deno.test("findDataPod: the cloud's domain, with a port, quoted as JSON", async () => {
  for (const body of ["pods.example", "a.pods.example:8443", '"a.pods.example"']) {
    assert.equal(await find({ status: 201, body }).pod, body.replaceAll('"', ""));
  }
});

Deno.test("findDataPod: the token goes to no other address", async () => {
  const bad = [
    "",
    "evil.example",
    "pods.example.evil.example",
    "evilpods.example",
    "a.pods.example/evil",
    "a.pods.example@evil.example",
    "evil.example#.pods.example",
    "evil.example?.pods.example",
    "https://a.pods.example",
    "a.pods.example\nb",
    "a.pods.example:99999",
    "<html>portal</html>",
    '{"host":"a.pods.example"}',
  ];
  for (const body of bad) {
    await assert.rejects(find({ body }).pod, { code: "data-pod-invalid", exit: "unfit" }, body);
  }
  const http = fakeHttp(() => ({ body: "a.pods.example" }));
  const token = { token: new Secret("planted-token"), expiresOn: Infinity };
  await assert.rejects(
    findDataPod(
      target,
      token,
      undefined,
      { http, date: () => new Date() },
      new AbortController().signal,
    ),
    { code: "data-pod-invalid", message: /names no domain/ },
  );
  assert.equal(http.requests.length, 0, "nothing is asked for in vain");
});

Deno.test("findDataPod: a refusal is none, whatever its body", async () => {
  const cases: [answer: FakeAnswer, code: string, message: RegExp][] = [
    [{ status: 302, body: "a.pods.example" }, "token-unreadable", /the status 302/],
    [{ status: 403, body: { message: "no role" } }, "token-forbidden", /HTTP 403: no role/],
    [{ status: 404, body: "" }, "token-not-found", /app\/web1:22/],
    [{ status: 500, body: "a.pods.example" }, "token-refused", /app\/web1:22 \(HTTP 500/],
    [{ status: 401, body: "" }, "token-unauthorized", /HTTP 401/],
  ];
  for (const [answer, code, message] of cases) {
    await assert.rejects(find(answer).pod, { code, message });
  }
  await assert.rejects(find({ status: 503, headers: { "Retry-After": "2" } }).pod, {
    retryAfter: 2_000,
  });
});
