import assert from "node:assert/strict";
import { listenForRedirect } from "./loopback_redirect.ts";

async function get(url: string, init?: RequestInit): Promise<{ status: number; text: string }> {
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text() };
}

Deno.test("listenForRedirect: the request with the state is the answer, and no other", async () => {
  const redirect = listenForRedirect("st-1");
  await using _redirect = redirect;
  let answered = false;
  redirect.answer.then(() => answered = true);
  for (
    const path of [
      "/",
      "/favicon.ico",
      "/?code=x",
      "/?code=x&state=st-2",
      "/?code=x&state=st-1&state=st-1",
      "/?state=st-1",
      "/other?code=x&state=st-1",
    ]
  ) {
    assert.equal((await get(redirect.url + path)).status, 404, path);
  }
  const post = { method: "POST", body: "code=x&state=st-1" };
  assert.equal((await get(`${redirect.url}/?code=x&state=st-1`, post)).status, 404);
  assert.equal(answered, false);

  const page = await get(`${redirect.url}/?code=c%2B1&state=st-1`);
  assert.equal(page.status, 200);
  assert.match(page.text, /<h1>Signed in<\/h1>/);
  assert.equal((await redirect.answer).get("code"), "c+1");
});

Deno.test("listenForRedirect: a refusal is an answer too, and its words are not in the page", async () => {
  await using redirect = listenForRedirect("st-1");
  const page = await get(
    `${redirect.url}/?error=access_denied&error_description=%3Cscript%3E&state=st-1`,
  );
  assert.match(page.text, /<h1>Not signed in<\/h1>/);
  assert.ok(!page.text.includes("script"));
  assert.equal((await redirect.answer).get("error"), "access_denied");
});

Deno.test("listenForRedirect: nobody else on this computer can take the other half of localhost", async () => {
  await using redirect = listenForRedirect("st-1");
  const port = Number(new URL(redirect.url).port);
  assert.throws(() => Deno.listen({ hostname: "127.0.0.1", port }), Deno.errors.AddrInUse);
  try {
    Deno.listen({ hostname: "::1", port }).close();
    assert.fail("::1 could be listened on");
  } catch (error) {
    const without = error instanceof Deno.errors.AddrNotAvailable ||
      /os error 97/.test(String(error));
    assert.ok(error instanceof Deno.errors.AddrInUse || without, String(error));
  }
});
