import assert from "node:assert/strict";
import type { OptionValues, TargetRequest } from "../../core/mod.ts";
import { refuseGateway } from "./refuse_gateway.ts";

const doors = {
  error: (code: string, params = {}) => Object.assign(new Error(JSON.stringify(params)), { code }),
};
const ask = (options: OptionValues, target: TargetRequest = { word: "win1" }) =>
  refuseGateway({ options, target }, doors);

Deno.test("refuseGateway: a password, and no gateway, are what there is", () => {
  ask({});
  ask({ "auth-type": "password", "disable-gateway": true });
});

Deno.test("refuseGateway: Entra sign-in is not possible by IP address", () => {
  for (const target of [{ ipAddress: "10.1.0.4" }, { word: "10.1.0.4" }]) {
    assert.throws(() => ask({ "auth-type": "aad" }, target), { code: "rdp/entra-by-address" });
    assert.throws(() => ask({ "enable-mfa": true }, target), { code: "rdp/entra-by-address" });
  }
});

Deno.test("refuseGateway: Entra sign-in is not possible without the gateway", () => {
  const code = "rdp/entra-needs-gateway";
  assert.throws(() => ask({ "auth-type": "aad" }), { code, message: /bastion does not use/ });
  assert.throws(() => ask({ "enable-mfa": true }), { code, message: /--enable-mfa/ });
  assert.throws(
    () => ask({ "auth-type": "aad", "disable-gateway": true }),
    { code, message: /--disable-gateway switches off/ },
  );
});
