import assert from "node:assert/strict";
import type { Cloud } from "./cloud.ts";
import { builtInClouds, findCloud } from "./clouds.ts";

Deno.test("builtInClouds: addresses without a slash at their end, scopes in the cloud's domain", () => {
  for (const cloud of builtInClouds) {
    for (const key of ["resourceManager", "authority", "audience", "portal"] as const) {
      assert.match(cloud[key] ?? "", /^https:\/\/[^/]+$/);
    }
    assert.match(
      cloud.sshCertificateScope ?? "",
      /^https:\/\/[^/]+\/CheckMyAccess\/Linux\/\.default$/,
    );
    assert.equal(cloud.builtIn, true);
  }
});

const own: Cloud = {
  name: "Emulator",
  resourceManager: "https://127.0.0.1:1",
  authority: "https://127.0.0.1:2",
  audience: "https://127.0.0.1:1",
};

Deno.test("findCloud: by name or alias, in any case", () => {
  const cases: [given: string, name: string][] = [
    ["AzureCloud", "AzureCloud"],
    ["azurecloud", "AzureCloud"],
    [" public ", "AzureCloud"],
    ["AzurePublicCloud", "AzureCloud"],
    ["AZUREUSGOVERNMENT", "AzureUSGovernment"],
    ["usgov", "AzureUSGovernment"],
    ["AzureChinaCloud", "AzureChinaCloud"],
    ["China", "AzureChinaCloud"],
    ["emulator", "Emulator"],
  ];
  for (const [given, name] of cases) assert.equal(findCloud(given, [own]).name, name, given);
});

Deno.test("findCloud: one that is not known, with what may be meant", () => {
  const cases: [given: string, hint: RegExp][] = [
    ["AzureClod", /^Did you mean AzureCloud\?$/],
    ["emulater", /^Did you mean Emulator\?$/],
    ["", /^Known are AzureCloud, AzureUSGovernment, AzureChinaCloud, Emulator\.$/],
    ["toString", /^Known are/],
    ["AzureGermanCloud", /.+/],
  ];
  for (const [given, hint] of cases) {
    assert.throws(() => findCloud(given, [own]), { code: "cloud-unknown", hint }, given);
  }
});
