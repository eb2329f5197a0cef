import assert from "node:assert/strict";
import { type FakeAnswer, type FakeHttp, fakeHttp } from "../../tests/helpers/fake_http.ts";
import type { AzureCredential } from "../auth/azure/credential.ts";
import { bastionError } from "../errors.ts";
import { createLogger } from "../logger.ts";
import { Secret } from "../secret.ts";
import { type ArmClient, createArmClient } from "./arm_client.ts";

const cloud = {
  name: "Test",
  resourceManager: "https://arm.example",
  authority: "https://entra.example",
  authorityAliases: ["login.example"],
  audience: "https://audience.example",
};

interface SetUp {
  readonly arm: ArmClient;
  readonly http: FakeHttp;
  /** Whether each token was asked for as a fresh one. */
  readonly asked: (boolean | undefined)[];
  /** The tenant that each was asked of. */
  readonly tenants: (string | undefined)[];
}

function setUp(answer: FakeAnswer[] | ((index: number) => FakeAnswer)): SetUp {
  const asked: (boolean | undefined)[] = [];
  const tenants: (string | undefined)[] = [];
  const http = fakeHttp((_request, index) =>
    typeof answer === "function" ? answer(index) : answer[index] ?? { status: 599 }
  );
  const credential: AzureCredential = {
    name: "test",
    getToken(scope, { fresh, tenant } = {}) {
      assert.equal(scope, "https://audience.example/.default");
      asked.push(fresh);
      tenants.push(tenant);
      const token = new Secret(`planted-token-${asked.length}`);
      return Promise.resolve({ token, expiresOn: Date.now() + 3_600_000 });
    },
  };
  return {
    arm: createArmClient(cloud, credential, http, createLogger("test", () => {})),
    http,
    asked,
    tenants,
  };
}

const get = (arm: ArmClient, signal?: AbortSignal) => arm.get("/a", "2024-01-01", "thing", signal);
const list = (arm: ArmClient) => arm.list("/a", "2024-01-01", "things");

Deno.test("arm.get: one document, asked for with a token and a version", async () => {
  const { arm, http } = setUp([{ body: { name: "hub" } }]);
  assert.deepEqual(await arm.get("/groups/ä (1)", "2024-01-01", "hub"), { name: "hub" });
  const [request] = http.requests;
  assert.equal(request?.method, "GET");
  assert.equal(request?.url, "https://arm.example/groups/%C3%A4%20(1)?api-version=2024-01-01");
  assert.equal(request?.headers?.["authorization"], "Bearer planted-token-1");
  assert.equal(request?.body, undefined);
});

Deno.test("arm.get: nothing there is no error", async () => {
  const { arm, http } = setUp([{ status: 404, body: { error: { code: "ResourceNotFound" } } }]);
  assert.equal(await get(arm), undefined);
  assert.equal(http.requests.length, 1);
});

Deno.test("arm.get: a token that is refused is renewed once", async () => {
  const { arm, http, asked } = setUp([{ status: 401 }, { body: { ok: 1 } }]);
  assert.deepEqual(await get(arm), { ok: 1 });
  assert.deepEqual(asked, [false, true]);
  assert.equal(http.requests[1]?.headers?.["authorization"], "Bearer planted-token-2");

  const refused = setUp(() => ({ status: 401, body: { error: { message: "wrong tenant" } } }));
  await assert.rejects(get(refused.arm), {
    code: "credential-rejected",
    message: "Azure Resource Manager does not accept the access token (HTTP 401: wrong tenant).",
  });
  assert.equal(refused.http.requests.length, 2);
});

Deno.test("arm.get: refusals, with Azure's word and the correlation id", async () => {
  const error = { error: { code: "AuthorizationFailed", message: "no \u001b[31mrole" } };
  const long = `${"x".repeat(245)} planted-token-1`;
  const cases: [answer: FakeAnswer, code: string, message: RegExp][] = [
    [
      { status: 403, body: error, headers: { "x-ms-correlation-request-id": "c-1" } },
      "arm-forbidden",
      /read thing \(HTTP 403: no \\u001b\[31mrole; correlation id c-1\)\.$/,
    ],
    [{ status: 403, body: { error: { code: "Only" } } }, "arm-forbidden", /\(HTTP 403: Only\)/],
    [{ status: 403, body: "<html>portal" }, "arm-forbidden", /\(HTTP 403\)\.$/],
    [{ status: 403, body: "null" }, "arm-forbidden", /\(HTTP 403\)\.$/],
    [{ status: 409, body: { error: { message: long } } }, "arm-refused", /HTTP 409: x+ \[red/],
    [{ status: 429, body: error }, "arm-throttled", /HTTP 429: no/],
    [
      { status: 302, headers: { Location: "https://evil.example/x" } },
      "arm-unreadable",
      /leads to evil\.example \(HTTP 302\), where the token must not go/,
    ],
    [{ status: 307, headers: { Location: "/x" } }, "arm-unreadable", /leads elsewhere/],
    [{ status: 204 }, "arm-failed", /HTTP 204$/],
    [{ body: "<html>portal" }, "arm-unreadable", /it is not JSON/],
    [{ body: "" }, "arm-unreadable", /it is not JSON/],
  ];
  for (const [answer, code, message] of cases) {
    const { arm, http } = setUp([answer]);
    await assert.rejects(get(arm), (failure: Error) => {
      assert.match(failure.message, message);
      assert.doesNotMatch(Deno.inspect(failure), /planted/);
      return "code" in failure && failure.code === code;
    });
    assert.equal(http.requests.length, 1);
  }
});

Deno.test("arm.get: Retry-After is obeyed, some times, where it is short", async () => {
  const wait = (value: string): FakeAnswer => ({ status: 429, headers: { "Retry-After": value } });
  const patient = setUp([wait("0"), wait(new Date(0).toUTCString()), { body: {} }]);
  assert.deepEqual(await get(patient.arm), {});

  const endless = setUp(() => wait("0"));
  await assert.rejects(get(endless.arm), { code: "arm-throttled" });
  assert.equal(endless.http.requests.length, 4);

  for (const value of ["3600", new Date(Date.now() + 3_600_000).toUTCString()]) {
    const long = setUp([wait(value)]);
    await assert.rejects(get(long.arm), { code: "arm-throttled", message: /HTTP 429/ });
    assert.equal(long.http.requests.length, 1);
  }
});

Deno.test("arm.get: a signal ends it with its own reason, also between two tries", async () => {
  const reason = new Error("enough");
  await assert.rejects(get(setUp([]).arm, AbortSignal.abort(reason)), reason);
  const stop = new AbortController();
  const { arm } = setUp(() => {
    queueMicrotask(() => stop.abort(reason));
    return { status: 429, headers: { "Retry-After": "15" } };
  });
  await assert.rejects(get(arm, stop.signal), reason);
});

Deno.test("arm.get: what the network or the credential says is said as it is", async () => {
  const failure = bastionError("dns-failed", { host: "arm.example", via: "" });
  const { arm } = setUp(() => {
    throw failure;
  });
  await assert.rejects(get(arm), failure);
});

Deno.test("arm.list: page after page, on Resource Manager's own host only", async () => {
  const next = "https://ARM.example:443/a?api-version=1&$skiptoken=x%2Fy";
  const { arm, http } = setUp([
    { body: { value: [1, 2], nextLink: next } },
    { body: { value: [], nextLink: `${next}z` } },
    { body: { value: [3], nextLink: "" } },
  ]);
  assert.deepEqual(await list(arm), [1, 2, 3]);
  assert.deepEqual(http.requests.map(({ url }) => url).slice(1), [
    "https://arm.example/a?api-version=1&$skiptoken=x%2Fy",
    "https://arm.example/a?api-version=1&$skiptoken=x%2Fyz",
  ]);

  const foreign = [
    "https://evil.example/a",
    "http://arm.example/a",
    "https://arm.example:444/a",
    "https://arm.example@evil.example/a",
    "https://arm.example.evil.example/a",
    "//evil.example/a",
    "/a?page=2",
    7,
    {},
  ];
  for (const nextLink of foreign) {
    const { arm, http } = setUp([{ body: { value: [1], nextLink } }]);
    await assert.rejects(list(arm), { code: "arm-unreadable", message: /on another host/ });
    assert.equal(http.requests.length, 1);
  }
});

Deno.test("arm.list: what is no list, or has no end", async () => {
  for (const answer of [{ body: [] }, { body: { value: {} } }, { body: "null" }, { status: 404 }]) {
    await assert.rejects(list(setUp([answer]).arm), {
      code: "arm-unreadable",
      message: /it holds no list/,
    });
  }
  const endless = setUp(() => ({ body: { value: [], nextLink: "https://arm.example/a" } }));
  await assert.rejects(list(endless.arm), { code: "arm-unreadable", message: /it has no end/ });
  assert.equal(endless.http.requests.length, 1_000);
});

Deno.test("arm: a query besides the version; a question with a body", async () => {
  const { arm, http } = setUp([{ body: 1 }, { body: { value: [] } }, { body: { data: [] } }]);
  const query = { "$expand": "instanceView" };
  await arm.get("/a", "2024-01-01", "thing", undefined, query);
  await arm.list("/a", "2024-01-01", "things", undefined, query);
  const url = "https://arm.example/a?api-version=2024-01-01&%24expand=instanceView";
  assert.deepEqual(http.requests.map((request) => request.url), [url, url]);

  assert.deepEqual(await arm.post("/q", "2022-10-01", { query: "x" }, "rows"), { data: [] });
  const asked = http.requests[2];
  assert.equal(asked?.method, "POST");
  assert.equal(asked?.url, "https://arm.example/q?api-version=2022-10-01");
  assert.equal(asked?.headers?.["content-type"], "application/json");
  assert.equal(asked?.body, '{"query":"x"}');
});

const GUEST = "0E0E0E0E-0000-4000-8000-00000000000A";

/** The refusal of a token that another tenant has issued. */
function wrongTenant(uri: string, code = "InvalidAuthenticationTokenTenant"): FakeAnswer {
  return {
    status: 401,
    headers: { "WWW-Authenticate": `Bearer authorization_uri="${uri}", error="invalid_token"` },
    body: { error: { code, message: "from the wrong issuer" } },
  };
}

Deno.test("arm: the tenant of a guest's subscription is learnt, once", async () => {
  const { arm, asked, tenants } = setUp((index) =>
    index === 0 ? wrongTenant(`https://login.example/${GUEST}`) : { body: { value: [] } }
  );
  assert.equal(arm.tenantOf("S-1"), undefined);
  await arm.get("/subscriptions/S-1/x", "2024-01-01", "thing");
  await arm.list("/Subscriptions/s-1/y", "2024-01-01", "things");
  await arm.get("/subscriptions/s-2/x", "2024-01-01", "thing");
  const guest = GUEST.toLowerCase();
  assert.deepEqual(tenants, [undefined, guest, guest, undefined]);
  assert.deepEqual(asked, [false, false, false, false]);
  assert.deepEqual([arm.tenantOf("S-1"), arm.tenantOf("s-2")], [guest, undefined]);
});

Deno.test("arm: a tenant is believed from the cloud's own authority only", async () => {
  const good = ["https://entra.example/contoso.example/", `https://entra.example/${GUEST}/oauth2`];
  for (const uri of good) {
    const { arm, tenants } = setUp([wrongTenant(uri), { body: {} }]);
    await arm.get("/subscriptions/s-1", "2024-01-01", "thing");
    assert.equal(tenants[1], uri.split("/")[3]?.toLowerCase());
  }
  const bad = [
    wrongTenant(`https://evil.example/${GUEST}`),
    wrongTenant(`http://entra.example/${GUEST}`),
    wrongTenant(`https://entra.example@evil.example/${GUEST}`),
    wrongTenant(`https://me@entra.example/${GUEST}`),
    wrongTenant(`https://entra.example:444/${GUEST}`),
    wrongTenant("https://entra.example/"),
    wrongTenant("https://entra.example/a%2Fb.example"),
    wrongTenant("https://entra.example/common"),
    wrongTenant("nonsense"),
    wrongTenant(`https://entra.example/${GUEST}`, "ExpiredAuthenticationToken"),
  ];
  for (const answer of bad) {
    const { arm, asked, tenants } = setUp(() => answer);
    await assert.rejects(arm.get("/subscriptions/s-1", "2024-01-01", "thing"), {
      code: "credential-rejected",
    });
    assert.deepEqual(tenants, [undefined, undefined], JSON.stringify(answer));
    assert.deepEqual(asked, [false, true]);
    assert.equal(arm.tenantOf("s-1"), undefined);
  }
});

Deno.test("arm: a token that the guest's tenant has issued is renewed like others", async () => {
  const challenge = wrongTenant(`https://entra.example/${GUEST}`);
  const { arm, asked, tenants } = setUp([challenge, { body: {} }, challenge, { body: {} }]);
  await arm.get("/subscriptions/s-1", "2024-01-01", "thing");
  await arm.get("/subscriptions/s-1", "2024-01-01", "thing");
  const guest = GUEST.toLowerCase();
  assert.deepEqual(tenants, [undefined, guest, guest, guest]);
  assert.deepEqual(asked, [false, false, false, true]);

  // The new tenant's token is refused as well: nothing is learnt, and nobody asks for ever.
  const refused = setUp(() => challenge);
  await assert.rejects(refused.arm.get("/subscriptions/s-1", "2024-01-01", "thing"), {
    code: "credential-rejected",
  });
  assert.equal(refused.http.requests.length, 2);
  assert.equal(refused.arm.tenantOf("s-1"), undefined);
});
