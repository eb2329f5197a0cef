/** Tunnels that outlive their token: renewed ahead, once for all, and mended by a new sign-in. */

import assert from "node:assert/strict";
import { assertEcho } from "../helpers/echo_check.ts";
import { withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { NO_CREDENTIAL } from "../helpers/no_credential.ts";
import { roundTrip } from "../helpers/round_trip.ts";

const PROCESSES = Deno.env.get("BASTION_TEST_FULL") === "1" ? 100 : 12;
const ADA = "ada@emulator.test";
/** Seconds. Such a token is still good, but is renewed at its next use. */
const SOON = 200;
/** Such a token has ended before a test goes on. */
const AT_ONCE = 1;
const LONG = 3599;
const NO_GRACE = ["--half-close-grace", "0"];

/** Until a token of `AT_ONCE` that is there now has ended. */
async function untilEnded(): Promise<void> {
  const end = Date.now() + AT_ONCE * 1000 + 50;
  await eventually("the token has ended", () => Date.now() > end);
}

Deno.test("the next connection waits for no renewal, though Entra is silent", () => {
  const world = { accessTokenLifetime: SOON };
  return withAzure({ ports: { 7: "echo" }, world }, async (azure) => {
    const { emulator } = azure;
    const tunnel = await azure.openTunnel(7, NO_GRACE);
    emulator.setFaults([{ at: "entra", kind: "silence" }]);
    await eventually("a renewal that Entra does not answer", async () => {
      await assertEcho(tunnel.port);
      return emulator.stats().faultsStruck > 0;
    });
    await assertEcho(tunnel.port);
  });
});

Deno.test("a token is renewed ahead of its end, once, and all that follows has the new one", () => {
  const world = { accessTokenLifetime: SOON };
  return withAzure({ ports: { 7: "echo" }, world }, async (azure) => {
    const { emulator } = azure;
    const tunnel = await azure.openTunnel(7, NO_GRACE);
    emulator.setAccessTokenLifetime(LONG);
    const { accessTokensIssued } = emulator.stats();
    const renewed = () => emulator.stats().accessTokensIssued - accessTokensIssued;
    await Promise.all(Array.from({ length: 20 }, () => assertEcho(tunnel.port)));
    // Those 20 may have met a renewal that was in flight, and has brought one of the short ones.
    await eventually("renewed", async () => {
      await assertEcho(tunnel.port);
      return renewed() > 0;
    });
    await Promise.all(Array.from({ length: 20 }, () => assertEcho(tunnel.port)));
    assert.equal(renewed(), 1);
  });
});

Deno.test("100 connections at the moment of expiry make one token request", () => {
  const world = { accessTokenLifetime: AT_ONCE };
  return withAzure({ ports: { 7: "echo" }, world }, async (azure) => {
    const { emulator } = azure;
    const tunnel = await azure.openTunnel(7, NO_GRACE);
    using held = await tunnel.connect();
    await roundTrip(held);
    await untilEnded();
    emulator.setAccessTokenLifetime(LONG);
    const { accessTokensIssued } = emulator.stats();
    await Promise.all(Array.from({ length: 100 }, () => assertEcho(tunnel.port)));
    assert.equal(emulator.stats().accessTokensIssued, accessTokensIssued + 1);
    await roundTrip(held);
  });
});

Deno.test(`${PROCESSES} processes at the moment of expiry make one token request`, () => {
  const world = { accessTokenLifetime: AT_ONCE };
  return withAzure({ ports: { 7: "echo" }, world }, async (azure) => {
    const { emulator } = azure;
    // A few at a time: all at once would take longer to start.
    const tunnels = [];
    while (tunnels.length < PROCESSES) {
      const few = Math.min(4, PROCESSES - tunnels.length);
      tunnels.push(
        ...await Promise.all(
          Array.from({ length: few }, () => azure.openTunnel(7, NO_GRACE, { debug: false })),
        ),
      );
    }
    await untilEnded();
    emulator.setAccessTokenLifetime(LONG);
    const { accessTokensIssued } = emulator.stats();
    await Promise.all(tunnels.map(({ port }) => assertEcho(port)));
    assert.equal(emulator.stats().accessTokensIssued, accessTokensIssued + 1);
  });
});

Deno.test("revoked, and the token at its end: what is open lives on, a new login mends the rest", () => {
  const world = {
    accessTokenLifetime: AT_ONCE,
    users: [{ userPrincipalName: ADA, autoApprove: true }],
  };
  return withAzure({ ports: { 7: "echo" }, world }, async (azure) => {
    const { emulator } = azure;
    const env = { ...NO_CREDENTIAL, BROWSER: "", DISPLAY: "", WAYLAND_DISPLAY: "" };
    const login = async () => {
      const process = await azure.start(["login", "--device-code"], { env });
      assert.equal((await process.exit()).code, 0, process.stderr());
    };
    await login();
    const tunnel = await azure.openTunnel(7, NO_GRACE, { env });
    using open = await tunnel.connect();
    await roundTrip(open);

    emulator.setUser({ userPrincipalName: ADA, revoked: true });
    await untilEnded();
    for (const count of [1, 2]) {
      using refused = await tunnel.connect();
      assert.equal(await refused.read(new Uint8Array(1)), null);
      const failed = await tunnel.event("connection-failed", { count });
      assert.equal(failed["code"], "credential-interaction");
      assert.match(String(failed["hint"]), /^Run: bastion login --tenant /);
    }
    await roundTrip(open);

    await login();
    await assertEcho(tunnel.port);
  });
});
