/** What is written for users about the config file is true. */

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { appSettings } from "../../cli/app_settings.ts";
import { createConfiguration } from "../../cli/configuration.ts";
import { parseConfig } from "../../core/config/parse_config.ts";
import { generateReference } from "../../scripts/generate_reference.ts";
import { builtInRegistry } from "../cases/run_case.ts";

const guide = new URL("../../docs/guides/configuration.md", import.meta.url);
const schema = new URL("../../schemas/config.schema.json", import.meta.url);

async function configurationOf(text: string, profile?: string) {
  const file = resolve("/etc/bastion/config.yaml");
  return createConfiguration({
    opened: { file, root: await parseConfig(text, file), ...(profile ? { profile } : {}) },
    home: resolve("/home/user"),
    registry: await builtInRegistry(),
    env: () => undefined,
    cwd: resolve("/home/user"),
  });
}

Deno.test("the guide's example is right, and comes to what it says", async () => {
  const [, example] = /```yaml\n([^]*?)```/.exec(await Deno.readTextFile(guide)) ?? [];
  assert.ok(example);
  const configuration = await configurationOf(example, "work");
  assert.deepEqual(configuration.problems, []);
  const { aliases, clouds, profile } = appSettings({}, configuration);
  assert.equal(profile, "work");
  assert.deepEqual([...aliases ?? []], [
    ["web", { target: "app/web1" }],
    ["db", { target: "app/db1", bastion: "net/hub", "resource-port": 5432 }],
  ]);
  assert.deepEqual(clouds?.map(({ name, caFile }) => [name, caFile]), [
    ["Lab", resolve("/etc/bastion/lab-ca.pem")],
  ]);
});

Deno.test("a cloud that cannot be one names its line", async () => {
  const configuration = await configurationOf(
    "clouds:\n  lab: {resourceManager: 'http://a', authority: 'https://b', audience: 'https://c'}",
  );
  assert.deepEqual(configuration.problems, [{
    line: 2,
    column: 1,
    problem: "clouds → lab: resourceManager is not an https:// address",
    remedy: "See: docs/guides/configuration.md.",
  }]);
  assert.throws(() => appSettings({}, configuration).clouds, {
    code: "cloud-file-invalid",
    message: /config\.yaml:2 \(the cloud lab\).*resourceManager is not an https/,
  });
});

Deno.test("the JSON Schema that is shipped is the one of the options that there are", async () => {
  const files = await generateReference();
  const shipped = (await Deno.readTextFile(schema)).replaceAll("\r\n", "\n");
  assert.equal(shipped, files["schemas/config.schema.json"], "run: deno task docs");
});
