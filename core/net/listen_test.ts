import assert from "node:assert/strict";
import { needsThat } from "../../tests/helpers/needs.ts";
import { createPlatform } from "../platform.ts";
import { listenLocal, type LocalListeners } from "./listen.ts";

const platform = createPlatform(Deno.build.os, () => undefined);

function closeAll({ listeners }: LocalListeners): void {
  for (const listener of listeners) listener.close();
}

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("listenLocal: both halves of localhost, on one port", () => {
  const opened = listenLocal(undefined, 0, platform);
  try {
    assert.deepEqual(opened.addresses, hasIpv6() ? ["127.0.0.1", "::1"] : ["127.0.0.1"]);
    assert.ok(opened.port > 0);
    const bound = opened.listeners.map(({ addr }) => [addr.hostname, addr.port]);
    assert.deepEqual(bound, opened.addresses.map((address) => [address, opened.port]));
  } finally {
    closeAll(opened);
  }
});

Deno.test("listenLocal: a port that is taken is named, and nothing stays open", () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr;
  const addresses = hasIpv6() ? ["::1", "127.0.0.1"] : ["127.0.0.1"];
  assert.throws(() => listenLocal(addresses, port, platform), {
    code: "local-port-taken",
    message: `Port ${port} on 127.0.0.1 is already in use.`,
  });
  assert.throws(() => listenLocal(undefined, port, platform), { code: "local-port-taken" });
});

needsThat(hasIpv6(), "IPv6").test("listenLocal: the other half of localhost being taken", () => {
  using other = Deno.listen({ hostname: "::1", port: 0 });
  assert.throws(() => listenLocal(undefined, other.addr.port, platform), {
    code: "local-port-taken",
    message: /::1/,
  });
  closeAll(listenLocal(["127.0.0.1"], other.addr.port, platform));
});

Deno.test("listenLocal: an address that this computer has not", () => {
  for (const addresses of [["192.0.2.1"], ["127.0.0.1", "192.0.2.1"]]) {
    assert.throws(() => listenLocal(addresses, 0, platform), {
      code: "local-address-unavailable",
      message: /192\.0\.2\.1/,
    });
  }
});
