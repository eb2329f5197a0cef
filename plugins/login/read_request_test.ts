import assert from "node:assert/strict";
import type { OptionValues } from "../../core/mod.ts";
import { requestProblem } from "./read_request.ts";

Deno.test("requestProblem: what goes together and what does not", () => {
  const principal = { "service-principal": true, username: "c", tenant: "t" };
  const cases: [options: OptionValues, expected: RegExp | undefined][] = [
    [{}, undefined],
    [{ "use-device-code": true, tenant: "t" }, undefined],
    [{ "device-code": true, "client-id": "c" }, undefined],
    [{ identity: true, "client-id": "c" }, undefined],
    [{ identity: true, username: "c" }, undefined],
    [principal, undefined],
    [{ tenant: "contoso.onmicrosoft.com" }, undefined],
    [{ tenant: "../x" }, /"..\/x" is no tenant/],
    [{ tenant: "a?b" }, /is no tenant/],
    [{ ...principal, certificate: "/f" }, undefined],
    [{ ...principal, "password-stdin": true }, undefined],
    [{ ...principal, "password-stdin": false, certificate: "/f" }, undefined],
    [{ certificate: "/f" }, /--certificate goes with --service-principal/],
    [{ "password-stdin": true }, /--password-stdin goes with --service-principal/],
    [{ ...principal, identity: true }, /--identity does not go with --service-principal/],
    [{ ...principal, "device-code": true }, /--device-code does not go with/],
    [{ identity: true, "device-code": true }, /--device-code does not go with --identity/],
    [{ ...principal, certificate: "/f", "password-stdin": true }, /exclude each other/],
  ];
  for (const [options, expected] of cases) {
    const problem = requestProblem(options)?.problem;
    if (expected === undefined) assert.equal(problem, undefined, JSON.stringify(options));
    else assert.match(problem ?? "", expected);
  }
});
