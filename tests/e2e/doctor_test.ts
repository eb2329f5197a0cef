/** Each thing that `bastion doctor` looks at is broken once, and is named by it; nothing stops it. */

import assert from "node:assert/strict";
import { connectProxy } from "../helpers/connect_proxy.ts";
import {
  type AzureOptions,
  CLIENT_SECRET,
  type EmulatedAzure,
  withAzure,
} from "../helpers/emulated_azure.ts";
import { inspectingProxy } from "../helpers/inspecting_proxy.ts";
import { assertNoLeaks } from "../helpers/leak_check.ts";
import { testCertificate } from "../helpers/test_certificate.ts";

const APP = "0e0e0e0e-0000-4000-8000-0000000000c1";
const SUBSCRIPTION = "0e0e0e0e-0000-4000-8000-000000000002";
const OTHER_TENANT = "44444444-4444-4444-8444-444444444444";
const SCOPE = `/subscriptions/${SUBSCRIPTION}`;
const VM = `${SCOPE}/resourceGroups/app/providers/Microsoft.Compute/virtualMachines/web1`;
const HOST = `${SCOPE}/resourceGroups/net/providers/Microsoft.Network/bastionHosts/hub`;
const reader = (scope: string) => ({ principal: APP, role: "Reader" as const, scope });

interface Finding {
  readonly name: string;
  readonly status: string;
  readonly code?: string;
  readonly found: string;
  readonly remedy?: string;
  readonly because?: readonly string[];
}

interface Report {
  readonly ok: boolean;
  readonly program: Readonly<Record<string, string>>;
  readonly checks: readonly Finding[];
}

interface Diagnosed {
  readonly code: number;
  readonly report: Report;
  check(name: string): Finding;
}

type Run = (
  words?: readonly string[],
  env?: Readonly<Record<string, string>>,
) => Promise<Diagnosed>;

async function withDoctor(
  options: AzureOptions,
  body: (diagnose: Run, azure: EmulatedAzure) => Promise<void>,
): Promise<void> {
  await withAzure(
    { ports: { 22: "ssh", 7: "echo" }, ...options },
    (azure) =>
      body(async (words = ["web1"], env = {}) => {
        const process = await azure.start(["doctor", "--json", ...words], {
          env,
        });
        const { code } = await process.exit();
        const report: Report = JSON.parse(process.stdout());
        const check = (name: string) => {
          const found = report.checks.find((one) => one.name === name);
          assert.ok(found, `no check ${name}`);
          return found;
        };
        return { code, report, check };
      }, azure),
  );
}

/** Every check, in order, where a target is named. */
const ALL = [
  ...["program", "cloud-shell", "config", "cloud", "proxy", "trust"],
  ...["entra-dns", "entra-tcp", "entra-tls", "arm-dns", "arm-tcp", "arm-tls", "clock"],
  ...["credential", "token", "token-size", "tenant", "subscription"],
  ...["target", "bastion-host", "host-dns", "host-tcp", "host-tls"],
  ...["reader-host", "reader-vm", "reader-nic", "reader-vnet", "vm-power", "pim"],
  ...["session", "websocket", "port"],
];

interface Case {
  readonly what: string;
  readonly azure?: AzureOptions;
  readonly words?: readonly string[] | ((azure: EmulatedAzure) => readonly string[]);
  readonly env?: (
    azure: EmulatedAzure,
    cloud: (changes: Readonly<Record<string, string | undefined>>) => Promise<string>,
  ) => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
  /** The check that names it. */
  readonly check: string;
  readonly status?: "warn";
  readonly code?: string;
  readonly says: RegExp;
  readonly remedy: RegExp;
  readonly exit: number;
  /** What cannot be checked because of it. */
  readonly skips?: readonly string[];
}

const off = { name: "hub", resourceGroup: "net" } as const;
const viaDeadProxy = (azure: EmulatedAzure) => {
  const { host } = new URL(azure.emulator.endpoint);
  return { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: host, no_proxy: host };
};

const cases: readonly Case[] = [
  {
    what: "Azure Cloud Shell",
    env: () => ({ ACC_CLOUD: "PROD" }),
    check: "cloud-shell",
    status: "warn",
    says: /your own programs cannot reach it/,
    remedy: /your own computer/,
    exit: 0,
  },
  {
    what: "a config file with a wrong key",
    env: async (azure) => {
      const file = azure.file("config.yaml");
      await Deno.writeTextFile(file, "no-such-key: 1\n");
      return { BASTION_CONFIG: file };
    },
    check: "config",
    code: "config-invalid",
    says: /config\.yaml:1:1: .*no-such-key/,
    remedy: /bastion config check/,
    exit: 3,
  },
  {
    what: "a cloud file that is not there",
    env: () => ({ BASTION_CLOUD_FILE: "/no/such/cloud.json" }),
    check: "cloud",
    code: "cloud-file-invalid",
    says: /\/no\/such\/cloud\.json/,
    remedy: /resourceManager/,
    exit: 3,
    skips: ["trust", "entra-dns", "arm-tls", "credential", "target", "session", "port"],
  },
  {
    what: "a proxy of a kind that is not spoken",
    env: () => ({ HTTPS_PROXY: "socks5://127.0.0.1:1080" }),
    check: "proxy",
    code: "proxy-invalid",
    says: /HTTPS_PROXY names.*socks5/,
    remedy: /http:\/\/HOST:PORT/,
    exit: 3,
    skips: ["trust", "arm-tls", "target"],
  },
  {
    what: "a CA file that is not there",
    words: ["web1", "--ca-file", "/no/such/ca.pem"],
    check: "trust",
    code: "ca-file-invalid",
    says: /\/no\/such\/ca\.pem \(from --ca-file\)/,
    remedy: /PEM/,
    exit: 3,
    skips: ["arm-tls", "target"],
  },
  {
    what: "a name of Entra's that nobody knows",
    env: async (_, cloud) => ({
      BASTION_CLOUD_FILE: await cloud({ authority: "https://login.invalid" }),
    }),
    check: "entra-dns",
    code: "dns-failed",
    says: /login\.invalid cannot be resolved/,
    remedy: /DNS server/,
    exit: 8,
    skips: ["entra-tcp", "entra-tls"],
  },
  {
    what: "a Resource Manager that refuses connections",
    env: async (_, cloud) => ({
      BASTION_CLOUD_FILE: await cloud({ resourceManager: "https://127.0.0.1:9" }),
    }),
    check: "arm-tcp",
    code: "connect-refused",
    says: /127\.0\.0\.1:9 refused/,
    remedy: /firewall/,
    exit: 8,
    skips: ["arm-tls", "subscription", "tenant", "target", "reader-host", "pim", "session"],
  },
  {
    what: "a certificate that nobody here believes",
    env: async (_, cloud) => ({
      BASTION_CLOUD_FILE: await cloud({ caFile: undefined }),
      REQUESTS_CA_BUNDLE: "",
    }),
    check: "arm-tls",
    code: "tls-untrusted",
    says: /issued by Bastion emulator CA/,
    remedy: /--ca-file/,
    exit: 8,
    skips: ["subscription", "target", "session"],
  },
  {
    what: "a data plane that the proxy does not open a way to",
    env: viaDeadProxy,
    check: "host-tcp",
    code: "connect-refused",
    says: /The proxy 127\.0\.0\.1:9 refused/,
    remedy: /proxy/,
    exit: 8,
    skips: ["host-tls", "session", "websocket", "port"],
  },
  {
    what: "a proxy whose own name nobody knows",
    env: (azure) => ({ ...viaDeadProxy(azure), HTTPS_PROXY: "http://proxy.invalid:8080" }),
    check: "host-dns",
    code: "dns-failed",
    says: /proxy\.invalid cannot be resolved.*proxy's/,
    remedy: /DNS server/,
    exit: 8,
    skips: ["host-tcp", "host-tls", "session", "websocket", "port"],
  },
  {
    what: "a clock that is wrong by ten minutes",
    azure: { world: { clockOffset: 600 } },
    check: "clock",
    code: "clock-wrong",
    says: /10 min behind Azure's/,
    remedy: /w32tm.*timedatectl/,
    exit: 3,
  },
  {
    what: "no credential at all",
    env: () => ({ AZURE_CLIENT_SECRET: "", PATH: "/nonexistent" }),
    check: "credential",
    code: "credential-missing",
    says: /environment: .*AZURE_CLIENT_SECRET.*; login: .*azure-cli/s,
    remedy: /bastion login/,
    exit: 4,
    skips: ["token", "token-size", "subscription", "target", "reader-host", "pim", "session"],
  },
  {
    what: "a credential that Entra refuses",
    env: () => ({ AZURE_CLIENT_ID: "0e0e0e0e-0000-4000-8000-00000000dead" }),
    check: "token",
    code: "credential-refused",
    says: /refused the credential/,
    remedy: /client id/,
    exit: 4,
    skips: ["token-size", "subscription", "target"],
  },
  {
    what: "tokens that end soon",
    azure: { world: { accessTokenLifetime: 120 } },
    check: "token",
    status: "warn",
    says: /good for [0-2] min/,
    remedy: /renew/,
    exit: 0,
  },
  {
    what: "a credential of another tenant than the subscription's",
    azure: { world: { subscriptions: [{ id: SUBSCRIPTION, name: "S", tenant: OTHER_TENANT }] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "tenant",
    code: "tenant-mismatch",
    says: new RegExp(`belongs to tenant ${OTHER_TENANT}`),
    remedy: new RegExp(`bastion login --tenant ${OTHER_TENANT}`),
    exit: 4,
  },
  {
    what: "a credential without any role",
    azure: { world: { roles: [] } },
    check: "subscription",
    code: "subscription-none",
    says: /sees no subscription/,
    remedy: /Reader/,
    exit: 5,
  },
  {
    what: "a VM that does not exist",
    words: ["nowhere"],
    check: "target",
    code: "target-not-found",
    says: /no target nowhere/,
    remedy: /bastion targets/,
    exit: 6,
    skips: ["bastion-host", "host-dns", "session"],
  },
  {
    what: "a host of the Basic SKU",
    azure: { bastionHosts: [{ ...off, sku: "Basic" }] },
    words: ["web1", "--bastion", "net/hub"],
    check: "bastion-host",
    code: "host-sku",
    says: /SKU Basic/,
    remedy: /Standard or Premium/,
    exit: 7,
    skips: ["session", "websocket", "port"],
  },
  {
    what: "a host with native clients switched off",
    azure: { bastionHosts: [off] },
    words: ["web1", "--bastion", "net/hub"],
    check: "bastion-host",
    code: "host-tunneling-off",
    says: /switched off/,
    remedy: /--enable-tunneling true/,
    exit: 7,
    skips: ["session"],
  },
  {
    what: "a host that is being changed",
    azure: { bastionHosts: [{ ...off, enableTunneling: true, provisioningState: "Updating" }] },
    words: ["web1", "--bastion", "net/hub"],
    check: "bastion-host",
    code: "host-provisioning",
    says: /Updating/,
    remedy: /Succeeded/,
    exit: 7,
    skips: ["session"],
  },
  {
    what: "a VM that is deallocated",
    azure: {
      world: {
        virtualMachines: [{
          ...{ name: "web1", resourceGroup: "app", privateIp: "10.1.0.4" },
          ...{ powerState: "deallocated", ports: { "22": "ssh" } },
        }],
      },
    },
    check: "vm-power",
    code: "vm-stopped",
    says: /it is deallocated/,
    remedy: /az vm start/,
    exit: 7,
  },
  {
    what: "no Reader role on the bastion host",
    azure: { world: { roles: [reader(`${SCOPE}/resourceGroups/app`)] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "reader-host",
    code: "role-missing",
    says: /bastion host net\/hub \(HTTP 403/,
    remedy: new RegExp(`az role assignment create --role Reader --assignee \\S+ --scope "${HOST}"`),
    exit: 5,
  },
  {
    what: "no Reader role on the VM",
    azure: { world: { roles: [reader(`${SCOPE}/resourceGroups/net`)] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "reader-vm",
    code: "role-missing",
    says: /VM app\/web1 \(HTTP 403/,
    remedy: new RegExp(`--scope "${VM}"`),
    exit: 5,
    skips: ["reader-nic", "reader-vnet", "vm-power"],
  },
  {
    what: "no Reader role on the VM's network interface",
    azure: { world: { roles: [reader(HOST), reader(VM)] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "reader-nic",
    code: "role-missing",
    says: /network interface app\/\S+ \(HTTP 403/,
    remedy: /--scope "\S+\/networkInterfaces\/\S+"/,
    exit: 5,
    skips: ["reader-vnet"],
  },
  {
    what: "no Reader role on a VNet that is peered with the host's",
    azure: {
      bastionHosts: [{ ...off, enableTunneling: true, network: "hub-vnet" }],
      world: {
        virtualNetworks: [
          { name: "hub-vnet", resourceGroup: "net", peerings: [{ network: "spoke/app-vnet" }] },
          { name: "app-vnet", resourceGroup: "spoke", peerings: [{ network: "net/hub-vnet" }] },
        ],
        virtualMachines: [{
          ...{ name: "web1", resourceGroup: "app", privateIp: "10.1.0.4", ports: { "22": "ssh" } },
          network: "spoke/app-vnet",
        }],
        roles: [reader(HOST), reader(`${SCOPE}/resourceGroups/app`)],
      },
    },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "reader-vnet",
    code: "role-missing",
    says: /VNet spoke\/app-vnet \(HTTP 403/,
    remedy: /--scope "\S+\/virtualnetworks\/app-vnet"/i,
    exit: 5,
  },
  {
    what: "a role that is eligible, and not active",
    azure: { world: { roles: [reader(HOST)], eligibleRoles: [reader(SCOPE)] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "pim",
    status: "warn",
    says: new RegExp(`not active: Reader on ${SCOPE}`),
    remedy: /Privileged Identity Management/,
    exit: 5,
  },
  {
    what: "a session that is refused",
    azure: { faults: [{ at: "token", kind: "status", status: 403 }] },
    check: "session",
    code: "token-forbidden",
    says: /refuses access to app\/web1:22/,
    remedy: /Reader/,
    exit: 5,
    skips: ["websocket", "port"],
  },
  {
    what: "a proxy that lets no WebSocket through",
    azure: { faults: [{ at: "upgrade", kind: "101-without-headers" }] },
    check: "websocket",
    code: "upgrade-broken",
    says: /handshake is broken/,
    remedy: /exempted from inspection/,
    exit: 8,
    skips: ["port"],
  },
  {
    what: "a port that is closed",
    words: ["web1", "--resource-port", "5432"],
    check: "port",
    code: "target-refused",
    says: /app\/web1:5432 refuses connections.*1011/,
    remedy: /Nothing listens/,
    exit: 9,
  },
  {
    what: "a port that is filtered",
    azure: { faults: [{ at: "stream", kind: "silence" }] },
    words: ["web1", "--timeout", "4s"],
    check: "port",
    code: "target-silent",
    says: /app\/web1:22 has not said a word for 2\.8 s/,
    remedy: /AzureBastionSubnet/,
    exit: 9,
  },
];

for (const one of cases) {
  const { what, azure: options = {}, words = ["web1"], env, check, status = "fail", exit } = one;
  Deno.test(`doctor names ${what}: ${check}`, () =>
    withDoctor(options, async (diagnose, azure) => {
      const cloud = async (changes: Readonly<Record<string, string | undefined>>) => {
        const file = azure.file("cloud.json");
        const own = JSON.parse(await Deno.readTextFile(azure.emulator.cloudFile));
        await Deno.writeTextFile(file, JSON.stringify({ ...own, ...changes }));
        return file;
      };
      const found = await diagnose(
        typeof words === "function" ? words(azure) : words,
        await env?.(azure, cloud),
      );
      assert.deepEqual(found.report.checks.map(({ name }) => name), ALL, "every check has its say");
      const named = found.check(check);
      assert.equal(named.status, status, JSON.stringify(found.report.checks, null, 1));
      assert.equal(named.code, one.code);
      assert.match(named.found, one.says);
      assert.match(named.remedy ?? "", one.remedy);
      assert.equal(found.code, exit, JSON.stringify(found.report.checks, null, 1));
      assert.equal(found.report.ok, exit === 0);
      for (const name of one.skips ?? []) {
        const skipped = found.check(name);
        assert.equal(skipped.status, "skipped", `${name}: ${skipped.found}`);
        assert.ok(skipped.because?.includes(check), `${name}: ${skipped.found}`);
      }
    }));
}

Deno.test("doctor finds nothing wrong where nothing is, and leaves no session behind", () =>
  withDoctor({}, async (diagnose, azure) => {
    const { code, report, check } = await diagnose();
    assert.equal(code, 0);
    assert.deepEqual(
      report.checks.filter(({ status }) => status !== "ok"),
      [],
    );
    assert.deepEqual(report.checks.map(({ name }) => name), ALL);
    assert.match(check("port").found, /SSH-2\.0-/);
    assert.match(check("credential").found, new RegExp(APP));
    assert.match(check("arm-tls").found, /Bastion emulator CA, the cloud's own CA/);
    assert.match(report.program["version"] ?? "", /^\d+\./);
    const { sessionsIssued, outstandingSessions } = azure.emulator.stats();
    assert.deepEqual({ sessionsIssued, outstandingSessions }, {
      sessionsIssued: 1,
      outstandingSessions: 0,
    });
  }));

Deno.test("nothing is wrong by address, on an instance of a scale set, by a Developer host", () =>
  withDoctor({
    bastionHosts: [
      { name: "hub", resourceGroup: "net", enableTunneling: true, enableIpConnect: true },
      { name: "dev", resourceGroup: "net", sku: "Developer" },
    ],
    world: {
      scaleSets: [{
        name: "set",
        resourceGroup: "app",
        instances: [{ privateIp: "10.1.1.4", ports: { "22": "ssh" } }],
      }],
    },
  }, async (diagnose) => {
    const ways = [
      [["10.1.0.4", "--bastion", "net/hub"], [
        "reader-vm",
        "reader-nic",
        "reader-vnet",
        "vm-power",
      ]],
      [["app/set/0", "--bastion", "net/hub"], []],
      [["web1", "--bastion", "net/dev"], []],
    ] as const;
    for (const [words, unknown] of ways) {
      const { code, report } = await diagnose(words);
      const others = report.checks.filter(({ status }) => status !== "ok");
      assert.deepEqual(others.map(({ name }) => name), unknown, JSON.stringify(others));
      assert.ok(others.every(({ status }) => status === "skipped"));
      assert.equal(code, 0);
    }
  }));

Deno.test("without a target the way to Azure is checked, and no session is opened", () =>
  withDoctor({}, async (diagnose, azure) => {
    const { code, report } = await diagnose([]);
    assert.equal(code, 0);
    assert.deepEqual(report.checks.map(({ name }) => name), ALL.slice(0, ALL.indexOf("target")));
    assert.equal(azure.emulator.stats().tokenPosts, 0);
  }));

Deno.test("a server that lets its client speak first is no failure", () =>
  withDoctor({}, async (diagnose) => {
    const { code, check } = await diagnose(["web1", "--resource-port", "7", "--timeout", "4s"]);
    assert.equal(code, 0);
    assert.match(check("port").found, /open, and nothing was said/);
  }));

Deno.test("a Resource Manager that never answers costs each check its time, and no more", () =>
  withDoctor({ faults: [{ at: "arm", kind: "silence" }] }, async (diagnose) => {
    const { code, report, check } = await diagnose(["web1", "--timeout", "3s"]);
    assert.equal(code, 8);
    assert.equal(check("clock").status, "ok", "Entra tells the time as well");
    for (const name of ["tenant", "subscription", "target"]) {
      assert.equal(check(name).code, "check-timeout", name);
      assert.match(check(name).found, /within 3 s/);
    }
    const causes = report.checks.filter(({ status }) => status === "skipped")
      .map(({ name, because }) => [name, because]);
    assert.ok(causes.length > 8);
    for (const [name, because] of causes) {
      if (name !== "pim") assert.deepEqual(because, ["target"], String(name));
    }
  }));

Deno.test("a network that inspects TLS is named, with who trusts it and by what proxy", async () => {
  const certificate = await testCertificate();
  await withDoctor({}, async (diagnose, azure) => {
    await using proxy = inspectingProxy({
      certificates: [certificate],
      farCa: azure.emulator.ca,
    });
    const ca = azure.file("inspection.pem");
    await Deno.writeTextFile(ca, certificate.ca);
    const env = {
      HTTPS_PROXY: `http://ada:hunter22@${proxy.host}`,
      NO_PROXY: "",
      no_proxy: "",
    };
    azure.addSecret("hunter22");
    const { code, check } = await diagnose(["web1", "--ca-file", ca], env);
    assert.equal(code, 0);
    assert.match(
      check("proxy").found,
      new RegExp(`^${proxy.host} from HTTPS_PROXY, with a sign-in`),
    );
    for (const name of ["entra-tls", "arm-tls", "host-tls"]) {
      assert.equal(check(name).status, "warn");
      assert.match(check(name).found, /issued by Test CA.*inspection\.pem \(--ca-file\)/);
      assert.match(check(name).remedy ?? "", /reads along/);
    }
  });
});

Deno.test("behind a proxy names are the proxy's to look up", async () => {
  await withDoctor({}, async (diagnose, azure) => {
    const { port } = new URL(azure.emulator.endpoint);
    await using proxy = connectProxy({ leadsTo: () => Number(port) });
    const { check } = await diagnose([], {
      HTTPS_PROXY: `http://localhost:${proxy.port}`,
      NO_PROXY: "",
      no_proxy: "",
    });
    assert.match(check("arm-dns").found, /is looked up by the proxy; localhost is .*127\.0\.0\.1/);
    assert.match(check("arm-tcp").found, new RegExp(`through the proxy localhost:${proxy.port}`));
  });
});

Deno.test("a user in too many groups: the token is named before and after the session request", () =>
  withDoctor({
    world: {
      users: [{ userPrincipalName: "dan@home.test", password: "not-a-secret", groups: 180 }],
    },
  }, async (diagnose, azure) => {
    const file = azure.file("token");
    const [tenant] = azure.emulator.world.tenants;
    using client = Deno.createHttpClient({ caCerts: [azure.emulator.ca] });
    const response = await fetch(
      `${azure.emulator.endpoint}/${tenant?.id}/oauth2/v2.0/token`,
      {
        client,
        method: "POST",
        body: new URLSearchParams({
          grant_type: "password",
          client_id: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
          scope: "https://management.emulator.test/.default",
          username: "dan@home.test",
          password: "not-a-secret",
        }),
      },
    );
    await Deno.writeTextFile(file, await response.text());
    const { code, check } = await diagnose(["web1", "--token-command", `cat ${file}`]);
    assert.equal(code, 4);
    assert.equal(check("token-size").code, "token-oversized");
    assert.match(check("token-size").found, /\d{4,5} bytes, 180 groups/);
    assert.equal(check("session").code, "token-oversized");
    assert.match(check("session").found, /HTTP 400/);
    assert.match(check("session").remedy ?? "", /fewer groups/);
  }));

Deno.test("people read a line a check, with the remedy under it; the bundle holds no secret", () =>
  withAzure({ ports: {} }, async (azure) => {
    const file = azure.file("bundle.json");
    const words = ["doctor", "web1", "--bundle", file];
    const process = await azure.start(words, { debug: false, env: { USER: "adalovelace" } });
    assert.equal((await process.exit()).code, 9);
    const said = process.stdout();
    assert.match(said, /^ok {7}Program {2,}bastion \d/m);
    assert.match(
      said,
      /^fail {5}Target's port {2,}app\/web1:22 refuses.*\n {7} {2}→ Nothing listens/m,
    );
    assert.match(said, /^1 failed, 0 with a warning, 0 skipped, 31 ok\.$/m);
    assert.match(process.stderr(), /without secrets, is in .*bundle\.json/);

    const text = await Deno.readTextFile(file);
    const bundle = JSON.parse(text);
    assert.deepEqual(bundle.checks.map(({ name }: Finding) => name), ALL);
    assert.ok(bundle.log.length > 5);
    assert.ok(bundle.config.settings.some(({ path }: { path: string }) => /timeout/.test(path)));
    assertNoLeaks({ bundle: text }, [...azure.emulator.secrets(), CLIENT_SECRET]);
    assert.ok(!text.includes("adalovelace"));
    if (Deno.build.os !== "windows") assert.equal((await Deno.stat(file)).mode ?? 0, 0o100600);

    const again = await azure.start(words);
    assert.equal((await again.exit()).code, 3);
    assert.match(again.stderr(), /bundle\.json cannot be written: there is a file of that name/);
    assert.equal(await Deno.readTextFile(file), text);
  }));

Deno.test("no time for any check is a usage error, and nothing is asked", () =>
  withAzure({}, async (azure) => {
    const process = await azure.start(["doctor", "web1", "--timeout", "0"], { debug: false });
    assert.equal((await process.exit()).code, 2);
    assert.match(process.stderr(), /nothing can be checked.*\n.*--timeout/);
    assert.equal(azure.emulator.stats().accessTokensIssued, 0);
  }));

Deno.test("Ctrl-C ends it at once, and ends the session", () =>
  withDoctor({ faults: [{ at: "stream", kind: "silence" }] }, async (_diagnose, azure) => {
    const process = await azure.start(["doctor", "web1", "--timeout", "60s"], { debug: false });
    await process.output("stdout", /WebSocket/);
    process.signal("SIGINT");
    assert.equal((await process.exit()).code, 130);
    assert.equal(azure.emulator.stats().outstandingSessions, 0);
  }));
