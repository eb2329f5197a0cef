import assert from "node:assert/strict";
import { parseCloud } from "../../../core/azure/parse_cloud.ts";
import { declaredCode, type FuzzTarget } from "../target.ts";

const cloud = (fields: object) =>
  JSON.stringify({
    name: "Emulator",
    resourceManager: "https://127.0.0.1:1/",
    authority: "https://127.0.0.1:1",
    audience: "https://arm",
    ...fields,
  });

/** The text of what BASTION_CLOUD_FILE names. */
export const cloudFileTarget: FuzzTarget = {
  name: "cloud-file",
  maxLength: 1024,
  tokens: [
    "https://",
    "http://",
    "user@",
    "?",
    "#",
    "\ncaFile: ",
    "\n",
    ": ",
    "&a ",
    "*a",
    "!!str ",
    "{",
    "__proto__",
  ],
  seeds: [
    cloud({}),
    cloud({ sshCertificateScope: "x/.default", caFile: "ca.pem" }),
    cloud({ authority: "https://u:p@h" }),
    cloud({ caFile: "/ca.pem", more: 1 }),
    cloud({ portal: "https://p/", dataPodSuffix: "pods.example" }),
    "name: a\nresourceManager: https://arm\nauthority: https://login\naudience: https://arm\n",
    "[]",
    "",
  ],
  async run(input) {
    const text = new TextDecoder().decode(input);
    try {
      const read = await parseCloud(text, "/clouds/cloud.yaml");
      const { resourceManager, authority, audience, portal = audience } = read;
      for (const url of [resourceManager, authority, audience, portal]) {
        const { protocol, username } = new URL(url);
        assert.deepEqual([protocol, username], ["https:", ""]);
        assert.ok(!url.endsWith("/"));
      }
      return `cloud${read.caFile ? ", CA" : ""}${read.sshCertificateScope ? ", scope" : ""}`;
    } catch (error) {
      return declaredCode(error, "cloud-file-invalid");
    }
  },
};
