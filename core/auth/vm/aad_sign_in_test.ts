import assert from "node:assert/strict";
import { publicCloud } from "../../azure/clouds.ts";
import type { PluginContext } from "../../plugin/plugin.ts";
import { Secret } from "../../secret.ts";
import type { TokenOptions } from "../azure/credential.ts";
import { createAadSignIn } from "./aad_sign_in.ts";
import type { VmSignInRequest } from "./sign_in.ts";

const request = {
  target: { bastionHost: { tenant: "t1" } },
  signal: new AbortController().signal,
} as unknown as VmSignInRequest;

Deno.test("aad: a cloud without certificates, and a credential that has none, are told apart", async () => {
  const asked: { scope: string; options: TokenOptions }[] = [];
  const ctx = {
    credential: () =>
      Promise.resolve({
        name: "token-command",
        getToken(scope: string, options: TokenOptions) {
          asked.push({ scope, options });
          return Promise.resolve({ token: new Secret("eyJ0eXAiOiJKV1QifQ.e30."), expiresOn: 0 });
        },
      }),
  } as unknown as PluginContext;
  const { sshCertificateScope: _, ...without } = publicCloud;
  await assert.rejects(
    Promise.resolve(createAadSignIn(() => Promise.resolve(without)).signIn(request, ctx)),
    { code: "certificate-no-scope" },
  );
  assert.equal(asked.length, 0);
  await assert.rejects(
    Promise.resolve(createAadSignIn(() => Promise.resolve(publicCloud)).signIn(request, ctx)),
    { code: "certificate-unavailable", message: /token-command/ },
  );
  const [{ scope, options } = { scope: "", options: {} }] = asked;
  assert.equal(scope, publicCloud.sshCertificateScope);
  assert.equal(options.tenant, "t1");
  // PROTOCOL §7.
  const { token_type: type, key_id: id, req_cnf: key = "" } = options.form ?? {};
  const { kty, n, e, kid } = JSON.parse(key);
  assert.deepEqual({ type, kty, e, kid }, { type: "ssh-cert", kty: "RSA", e: "AQAB", kid: id });
  // A modulus of 2048 bits has its highest bit set.
  assert.match(n, /^A[A-P]/);
  assert.equal(atob(n.replaceAll("-", "+").replaceAll("_", "/")).length, 257);
});
