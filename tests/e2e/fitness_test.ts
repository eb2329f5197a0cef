/** What is not fit is said before the tunnel claims to be ready: exit code, code, cause and remedy. */

import assert from "node:assert/strict";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { eventsOf } from "../helpers/bastion_process.ts";

const hosts = [
  { name: "hub", resourceGroup: "net", enableTunneling: true },
  { name: "basic", resourceGroup: "net", sku: "Basic" },
  { name: "off", resourceGroup: "net", sku: "Premium" },
  { name: "ip", resourceGroup: "net", enableTunneling: true, enableIpConnect: true },
  { name: "late", resourceGroup: "net", enableTunneling: true, provisioningState: "Updating" },
] as const;

/** `--name`, and the target unless it is the VM by its id. */
interface Case {
  readonly what: string;
  readonly host?: string;
  readonly target?: readonly string[];
  readonly port?: number;
  readonly more?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly faults?: readonly FaultInput[];
  readonly code: string;
  readonly exitCode: number;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const cases: readonly Case[] = [
  {
    what: "a host of the Basic SKU",
    host: "basic",
    code: "host-sku",
    exitCode: 7,
    message: /net\/basic has the SKU Basic/,
    hint: /Standard or Premium/,
  },
  {
    what: "a host with native clients switched off",
    host: "off",
    code: "host-tunneling-off",
    exitCode: 7,
    message: /switched off on bastion host net\/off/,
    hint: /--enable-tunneling true/,
  },
  {
    what: "a host that is being changed",
    host: "late",
    code: "host-provisioning",
    exitCode: 7,
    message: /net\/late is not ready \(its provisioning state is Updating\)/,
    hint: /Succeeded/,
  },
  {
    what: "an IP address where IP connect is off",
    target: ["--target-ip-address", "10.1.0.4"],
    port: 22,
    code: "host-ip-connect-off",
    exitCode: 7,
    message: /by IP address is switched off on bastion host net\/hub/,
    hint: /--enable-ip-connect true/,
  },
  {
    what: "a custom port by IP address",
    host: "ip",
    target: ["--target-ip-address", "10.1.0.4"],
    port: 8080,
    code: "host-ip-connect-port",
    exitCode: 7,
    message: /Port 8080 cannot be reached by IP address/,
    hint: /--target-resource-id/,
  },
  {
    what: "a host that does not exist",
    host: "nowhere",
    code: "host-not-found",
    exitCode: 6,
    message: /no bastion host net\/nowhere in subscription/,
    hint: /--resource-group/,
  },
  {
    what: "a subscription that does not exist",
    more: ["--subscription", "No such one"],
    code: "subscription-not-found",
    exitCode: 6,
    message: /no subscription No such one/,
    hint: /spelling/,
  },
  {
    what: "no credential",
    env: { AZURE_CLIENT_SECRET: "" },
    code: "credential-missing",
    exitCode: 4,
    message: /AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH not set/,
    hint: /service principal/,
  },
  {
    what: "a credential that Entra refuses",
    env: { AZURE_CLIENT_ID: "0e0e0e0e-0000-4000-8000-00000000dead" },
    code: "credential-refused",
    exitCode: 4,
    message: /Microsoft Entra refused the credential/,
    hint: /client id/,
  },
  {
    what: "a credential that may not read",
    faults: [{ at: "arm", kind: "status", status: 403 }],
    code: "arm-forbidden",
    exitCode: 5,
    message: /does not let this credential read bastion host net\/hub/,
    hint: /Reader/,
  },
  {
    what: "a page in place of Resource Manager's answer",
    faults: [{ at: "arm", kind: "not-json" }],
    code: "arm-unreadable",
    exitCode: 8,
    message: /cannot be used/,
    hint: /proxy or portal/,
  },
  {
    what: "a cloud file that is not there",
    env: { BASTION_CLOUD_FILE: "/no/such/cloud.json" },
    code: "cloud-file-invalid",
    exitCode: 3,
    message: /\/no\/such\/cloud\.json/,
    hint: /resourceManager/,
  },
  {
    what: "a CA file that is not there",
    more: ["--ca-file", "/no/such/ca.pem"],
    code: "ca-file-invalid",
    exitCode: 3,
    message: /The CA file \/no\/such\/ca\.pem \(from --ca-file\)/,
    hint: /PEM/,
  },
];

function wordsOf(
  azure: EmulatedAzure,
  { host = "hub", target, port = 7, more = [] }: Pick<Case, "host" | "target" | "port" | "more">,
) {
  return [
    ...["tunnel", "--name", host, "--resource-group", "net"],
    ...(target ?? ["--target-resource-id", azure.vmId]),
    ...["--resource-port", String(port), ...more],
  ];
}

for (const one of cases) {
  const { what, env = {}, faults = [], code, exitCode, message, hint } = one;
  Deno.test(`${what}: ${code}, exit code ${exitCode}`, () =>
    withAzure({ ports: { 7: "echo" }, bastionHosts: [...hosts], faults }, async (azure) => {
      const words = wordsOf(azure, one);
      const [json, people] = await Promise.all([
        azure.start([...words, "--json"], { env }),
        azure.start(words, { env, debug: false }),
      ]);
      assert.equal((await json.exit()).code, exitCode);
      const [error, ...others] = eventsOf(json.stdout());
      assert.deepEqual(others, [], "no listening before it");
      assert.deepEqual({ event: error?.event, code: error?.["code"], exit: error?.["exitCode"] }, {
        event: "error",
        code,
        exit: exitCode,
      });
      assert.match(String(error?.["message"]), message);
      assert.match(String(error?.["hint"]), hint);

      assert.equal((await people.exit()).code, exitCode);
      assert.equal(people.stdout(), "");
      assert.equal(people.stderr(), `bastion: ${error?.["message"]}\n  ${error?.["hint"]}\n`);
      assert.equal(azure.emulator.stats().tokenPosts, 0, "no session was asked for");
    }));
}

Deno.test("a data plane that cannot be reached is named before the tunnel is ready", () =>
  withAzure({ ports: { 7: "echo" } }, async (azure) => {
    // A proxy that opens no way to it; Resource Manager needs none.
    const { host } = new URL(azure.emulator.endpoint);
    const env = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: host, no_proxy: host };
    const tunnel = await azure.start(["tunnel", "--json", ...azure.targetArgs(7)], { env });
    assert.equal((await tunnel.exit()).code, 8);
    assert.equal((await tunnel.event("error"))["code"], "connect-refused");
  }));

Deno.test("--no-check opens the port all the same, and each connection says what is wrong", () =>
  withAzure({ ports: { 7: "echo" }, bastionHosts: [...hosts] }, async (azure) => {
    const words = wordsOf(azure, { host: "off", more: ["--no-check", "--json"] });
    const tunnel = await azure.start(words);
    const { host, port } = await tunnel.listening();
    using conn = await Deno.connect({ hostname: host, port });
    assert.equal(await conn.read(new Uint8Array(1)), null);
    const failed = await tunnel.event("connection-failed");
    assert.equal(failed["code"], "token-refused");
    assert.match(String(failed["message"]), /HTTP 400: Native client support is not enabled/);
  }));

Deno.test("az's own flags, abbreviated and with ids: IP connect to 22, a host by its id", () =>
  withAzure({ ports: { 22: "echo" }, bastionHosts: [...hosts] }, async (azure) => {
    const host = azure.emulator.world.bastionHosts.find(({ name }) => name === "ip");
    const byIp = await azure.start([
      ...["tunnel", "--json", "--name", String(host?.id), "--target-ip-addres", "10.1.0.4"],
      ...["--resource-port", "22", "--half-close-grace", "0"],
    ]);
    const { port } = await byIp.listening();
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode("hello"));
    assert.equal(await conn.read(new Uint8Array(5)), 5);
    conn.close();
    await byIp.event("connection-closed");
    assert.equal((await byIp.event("listening"))["target"], "10.1.0.4:22");
  }));

const misuse: readonly { readonly words: readonly string[]; readonly says: RegExp }[] = [
  { words: ["tunnel"], says: /Neither a target nor a port.*\n.*TARGET.*--resource-port/ },
  { words: ["tunnel", "--nonsense"], says: /--nonsense/ },
  { words: ["no-such-command"], says: /no-such-command/ },
  { words: ["tunnel", "--name", "hub", "--resource-port", "70000"], says: /70000|65535/ },
  { words: ["tunnel", "--name", "hub", "-g", "net", "--resource-port", "22"], says: /No target/ },
  {
    words: [
      ...["tunnel", "--name", "hub", "-g", "net", "--resource-port", "22"],
      ...["--target-ip-address", "10.1.0.4", "--target-resource-id", "/subscriptions/x"],
    ],
    says: /Two targets/,
  },
  {
    words: [
      ...["tunnel", "--name", "hub", "-g", "net", "--resource-port", "22"],
      ...["--target-resource-id", "web1"],
    ],
    says: /web1.*is not a resource id/,
  },
  { words: ["tunnel", "--timeout", "soon"], says: /--timeout/ },
];

for (const { words, says } of misuse) {
  Deno.test(`usage error, exit code 2: bastion ${words.join(" ")}`, () =>
    withAzure({}, async (azure) => {
      const process = await azure.start(words, { debug: false });
      assert.equal((await process.exit()).code, 2);
      assert.match(process.stderr(), says);
      assert.equal(process.stdout(), "");
      assert.equal(azure.emulator.stats().accessTokensIssued, 0, "nobody was asked");
    }));
}
