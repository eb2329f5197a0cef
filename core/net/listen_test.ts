import assert from "node:assert/strict";
import { hasIpv6 } from "../../tests/helpers/has_ipv6.ts";
import { needsThat } from "../../tests/helpers/needs.ts";
import { createPlatform } from "../platform.ts";
import { listenLocal, type ListenOn, type LocalListeners } from "./listen.ts";

const platform = createPlatform(Deno.build.os, () => undefined);

function closeAll({ listeners }: LocalListeners): void {
  for (const listener of listeners) listener.close();
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

Deno.test("listenLocal: without IPv6 it is 127.0.0.1 alone, and a ::1 that was asked for is an error", () => {
  const missing = [
    new Deno.errors.AddrNotAvailable("Cannot assign requested address (os error 99)"),
    new Error("Address family not supported by protocol (os error 97)"),
    new Error("Address family not supported by protocol family (os error 47)"),
    new Error("An address incompatible with the requested protocol was used. (os error 10047)"),
  ];
  for (const error of missing) {
    const listenOn: ListenOn = (address) => {
      if (address.hostname === "::1") throw error;
      return Deno.listen(address);
    };
    const opened = listenLocal(undefined, 0, platform, listenOn);
    try {
      assert.deepEqual(opened.addresses, ["127.0.0.1"]);
      assert.equal(opened.listeners.length, 1);
    } finally {
      closeAll(opened);
    }
    assert.throws(() => listenLocal(["127.0.0.1", "::1"], 0, platform, listenOn), /::1/);
  }
});
