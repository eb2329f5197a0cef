import assert from "node:assert/strict";
import { tempDir } from "../tests/helpers/temp_dir.ts";
import type { AzureCredential } from "./auth/azure/credential.ts";
import type { Cloud } from "./azure/cloud.ts";
import { createAzureDoors } from "./azure_doors.ts";
import { systemClock } from "./clock.ts";
import { createLogger } from "./logger.ts";
import { createPlatform } from "./platform.ts";

const LAB: Cloud = {
  name: "lab",
  resourceManager: "https://arm.lab.test:8443",
  authority: "https://login.lab.test:8443",
  audience: "https://arm.lab.test",
};

Deno.test("createAzureDoors: what was looked up in one cloud or tenant is not another's", async () => {
  await using dir = await tempDir();
  const platform = createPlatform("linux", (name) => name === "HOME" ? dir.path : undefined);
  const look = async (cloud: Cloud, own: Pick<AzureCredential, "tenant" | "cacheKey">) => {
    const { lookups } = createAzureDoors({
      platform,
      clock: systemClock,
      log: createLogger("test", () => {}),
      cwd: dir.path,
      settings: () => ({ cloud: cloud.name, clouds: [cloud], credential: "fake" }),
      providers: () => [{
        name: "fake",
        create: () =>
          Promise.resolve({ ...own, name: "fake", getToken: () => Promise.reject(new Error()) }),
      }],
    });
    const { kept } = await (await lookups()).get({
      key: ["host", "hub"],
      is: (value) => value === "endpoint",
      look: () => Promise.resolve("endpoint"),
    });
    return kept;
  };
  const ada = { cacheKey: "ada", tenant: "t1" };
  assert.equal(await look(LAB, ada), false);
  assert.equal(await look(LAB, ada), true);
  // What a host's document says of its tenant is said from the credential's own.
  assert.equal(await look(LAB, { ...ada, tenant: "t2" }), false, "another tenant");
  assert.equal(await look(LAB, { ...ada, cacheKey: "bob" }), false, "somebody else");
  const others: [string, Cloud][] = [
    ["Resource Manager", { ...LAB, resourceManager: "https://arm.lab.test:9443" }],
    ["authority", { ...LAB, authority: "https://login.lab.test:9443" }],
    ["CA", { ...LAB, caFile: dir.file("ca.pem") }],
  ];
  for (const [what, cloud] of others) assert.equal(await look(cloud, ada), false, what);
  assert.equal(await look(LAB, ada), true);
});
