import assert from "node:assert/strict";
import {
  createHttpHeaders,
  createPipelineRequest,
  type PipelineRequest,
} from "@azure/core-rest-pipeline";
import { fakeHttp } from "../../tests/helpers/fake_http.ts";
import { bastionError } from "../errors.ts";
import { pipelineHttpClient } from "./pipeline_http_client.ts";

type AbortSignalLike = NonNullable<PipelineRequest["abortSignal"]>;

Deno.test("pipelineHttpClient: a request and its answer keep their parts", async () => {
  const http = fakeHttp(() => ({ status: 201, headers: { "X-Ms-Id": "7" }, body: "ä" }));
  const request = createPipelineRequest({
    url: "https://arm.example/x",
    method: "POST",
    headers: createHttpHeaders({ Accept: "a/b" }),
    body: "form=1",
    timeout: 1_234,
  });
  const response = await pipelineHttpClient(http).sendRequest(request);
  assert.deepEqual(http.requests, [{
    method: "POST",
    url: "https://arm.example/x",
    headers: { accept: "a/b" },
    body: "form=1",
    timeout: 1_234,
  }]);
  assert.equal(response.status, 201);
  assert.equal(response.headers.get("x-ms-id"), "7");
  assert.equal(response.bodyAsText, "ä");
  assert.equal(response.request, request);
});

Deno.test("pipelineHttpClient: bodies of other kinds are a defect of ours, and said", async () => {
  const client = pipelineHttpClient(fakeHttp(() => ({})));
  const url = "https://arm.example/";
  await client.sendRequest(createPipelineRequest({ url, body: new Uint8Array(1) }));
  await assert.rejects(
    client.sendRequest(createPipelineRequest({ url, body: new FormData() })),
    TypeError,
  );
});

Deno.test("pipelineHttpClient: network errors come through as they are; signals of both kinds abort", async () => {
  const failure = bastionError("connect-refused", { host: "x", via: "" });
  const failing = pipelineHttpClient(fakeHttp(() => {
    throw failure;
  }));
  const url = "https://arm.example/";
  await assert.rejects(failing.sendRequest(createPipelineRequest({ url })), failure);

  // Azure's own kind: the methods, and not the class.
  const likeness = (signal: AbortSignal): AbortSignalLike => ({
    aborted: signal.aborted,
    addEventListener: signal.addEventListener.bind(signal),
    removeEventListener: signal.removeEventListener.bind(signal),
  });
  const http = fakeHttp(() => ({}));
  const client = pipelineHttpClient(http);
  const stop = new AbortController();
  for (const abortSignal of [stop.signal, likeness(stop.signal)]) {
    await client.sendRequest(createPipelineRequest({ url, abortSignal }));
  }
  assert.deepEqual(http.requests.map(({ signal }) => signal?.aborted), [false, false]);
  stop.abort();
  assert.deepEqual(http.requests.map(({ signal }) => signal?.aborted), [true, true]);
  for (const abortSignal of [stop.signal, likeness(stop.signal)]) {
    await assert.rejects(client.sendRequest(createPipelineRequest({ url, abortSignal })));
  }
  assert.equal(http.requests.length, 2);
});
