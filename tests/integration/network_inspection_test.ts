/** The real program on a network whose proxy inspects TLS: which CA is believed, and what is said. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { assertEcho } from "../helpers/echo_check.ts";
import { type EmulatedAzure, type ProgramOptions, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { inspectingProxy, type InspectingProxyOptions } from "../helpers/inspecting_proxy.ts";
import { canUnshare, withFileInPlaceOf } from "../helpers/namespaces.ts";
import { needsThat } from "../helpers/needs.ts";
import { testCertificate } from "../helpers/test_certificate.ts";

const ECHO = 7;
/** Where Debian and its kin keep the store that all programs share. */
const SYSTEM_STORE = "/etc/ssl/certs/ca-certificates.crt";

interface Inspected {
  readonly azure: EmulatedAzure;
  /** What began each connection that was inspected. */
  readonly requests: readonly string[];
  /** PEM file of the CA with which the proxy inspects. */
  readonly caFile: string;
  /** The way there, and no CA but the runtime's own. */
  readonly env: Readonly<Record<string, string>>;
  /** The cloud, with these settings besides. */
  cloudFile(settings: Readonly<Record<string, string>>): Promise<string>;
}

async function withInspection(
  rewrite: Pick<InspectingProxyOptions, "rewriteRequest" | "rewriteAnswer">,
  body: (inspected: Inspected) => Promise<void>,
): Promise<void> {
  const certificate = await testCertificate();
  await withAzure({ ports: { [ECHO]: "echo" } }, async (azure) => {
    const { emulator } = azure;
    await using proxy = inspectingProxy({
      certificates: [certificate],
      farCa: emulator.ca,
      ...rewrite,
    });
    const caFile = azure.file("inspection.pem");
    await Deno.writeTextFile(caFile, certificate.ca);
    let clouds = 0;
    async function cloudFile(settings: Readonly<Record<string, string>>): Promise<string> {
      const { caFile: _, ...cloud } = JSON.parse(await Deno.readTextFile(emulator.cloudFile));
      const file = azure.file(`cloud-${clouds++}.json`);
      await Deno.writeTextFile(file, JSON.stringify({ ...cloud, ...settings }));
      return file;
    }
    const env = {
      HTTPS_PROXY: `http://${proxy.host}`,
      NO_PROXY: "",
      no_proxy: "",
      REQUESTS_CA_BUNDLE: "",
      BASTION_CLOUD_FILE: await cloudFile({}),
    };
    await body({ azure, requests: proxy.requests, caFile, env, cloudFile });
  });
}

/** A tunnel that works shows that Entra, Resource Manager, sessions and the WebSocket are believed. */
async function assertWorks(
  { azure, requests }: Inspected,
  args: readonly string[],
  { env, ...options }: ProgramOptions,
): Promise<void> {
  const begun = requests.length;
  // A run that finds an earlier one's tokens and lookups asks nobody for them.
  const cold = { XDG_STATE_HOME: azure.file(`state-${begun}`) };
  const tunnel = await azure.openTunnel(ECHO, args, { ...options, env: { ...env, ...cold } });
  await assertEcho(tunnel.port);
  tunnel.signal("SIGINT");
  assert.equal((await tunnel.exit()).code, 0);
  const inspected = requests.slice(begun);
  assert.ok(inspected.some((line) => line.startsWith("GET /webtunnelv2/")), "the WebSocket");
  assert.ok(inspected.length >= 3, "and HTTP");
}

Deno.test("TLS inspection: the CA is believed in each place that can name it", () =>
  withInspection({}, async (inspected) => {
    const { caFile, env, cloudFile } = inspected;
    await assertWorks(inspected, ["--ca-file", caFile], { env });
    for (const name of ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]) {
      await assertWorks(inspected, [], { env: { ...env, [name]: caFile } });
    }
    const BASTION_CLOUD_FILE = await cloudFile({ caFile });
    await assertWorks(inspected, [], { env: { ...env, BASTION_CLOUD_FILE } });
    const { endpointConnections, dataPlaneConnections } = inspected.azure.emulator.stats();
    assert.equal(endpointConnections + dataPlaneConnections, inspected.requests.length);
  }));

needsThat(
  canUnshare("mount") && existsSync(SYSTEM_STORE),
  "mount namespace of one's own",
).test(
  "TLS inspection: the CA is believed where only the system's store has it",
  () =>
    withInspection({}, async (inspected) => {
      const { azure, caFile, env } = inspected;
      const store = azure.file("store.crt");
      const [own, added] = await Promise.all(
        [SYSTEM_STORE, caFile].map((f) => Deno.readTextFile(f)),
      );
      await Deno.writeTextFile(store, `${own}\n${added}`);
      await assertWorks(inspected, [], { env, by: withFileInPlaceOf(SYSTEM_STORE, store) });
    }),
);

Deno.test("TLS inspection: without the CA, nothing is sent, and the way out is named", () =>
  withInspection({}, async ({ azure, requests, env }) => {
    // Its own CA is believed, as a public one would be; the proxy's is not.
    const SSL_CERT_FILE = azure.emulator.caFile;
    const process = await azure.start(["tunnel", "--json", ...azure.targetArgs(ECHO)], {
      env: { ...env, SSL_CERT_FILE },
    });
    const error = await process.event("error");
    assert.deepEqual([error["code"], error["exitCode"]], ["tls-untrusted", 8]);
    assert.equal((await process.exit()).code, 8);
    const { host } = new URL(azure.emulator.endpoint);
    assert.ok(String(error["message"]).includes(`The certificate that ${host} presents`));
    assert.match(String(error["message"]), / is not trusted through the proxy 127\.0\.0\.1:\d+: /);
    assert.match(String(error["hint"]), /--ca-file/);
    assert.deepEqual(requests, []);
  }));

const withoutUpgrade = (head: string) => head.replace(/^(?:upgrade|connection): .*\r\n/gim, "");
const isUpgrade = (head: string) => /^upgrade: *websocket\r$/im.test(head);

const droppers: readonly {
  readonly name: string;
  readonly rewrite: Parameters<typeof withInspection>[0];
  readonly code: string;
  /** By transport. */
  readonly message: Readonly<Record<string, RegExp>>;
}[] = [
  {
    name: "from the request",
    rewrite: { rewriteRequest: (head) => isUpgrade(head) ? withoutUpgrade(head) : head },
    code: "upgrade-refused",
    message: {
      webtunnel: /^Azure Bastion refused the WebSocket \(HTTP 404/,
      ws: /^Azure Bastion refused the WebSocket \(HTTP 404/,
    },
  },
  {
    name: "from the answer",
    rewrite: { rewriteAnswer: (head) => isUpgrade(head) ? withoutUpgrade(head) : head },
    code: "upgrade-broken",
    message: {
      webtunnel: /^Azure Bastion's WebSocket handshake is broken: its 101 has no Upgrade header/,
      ws: /^Azure Bastion's WebSocket handshake is broken: .*Upgrade/,
    },
  },
];

for (const { name, rewrite, code, message } of droppers) {
  Deno.test(`a proxy that drops Upgrade ${name}: ${code}, with the proxy named as the suspect`, () =>
    withInspection(rewrite, async ({ azure, caFile, env }) => {
      const use = async (transport: string) => {
        const args = ["--ca-file", caFile, "--transport", transport];
        const tunnel = await azure.openTunnel(ECHO, args, { env });
        using conn = await tunnel.connect();
        const failed = await tunnel.event("connection-failed");
        assert.equal(failed["code"], code, transport);
        assert.match(String(failed["message"]), message[transport] ?? /./);
        assert.match(String(failed["hint"]), /proxy .* exempted from inspection/);
        assert.equal(await conn.read(new Uint8Array(1)), null);
      };
      await Promise.all(Object.keys(message).map(use));
      await eventually("deleted", () => azure.emulator.stats().outstandingSessions === 0);
    }));
}
