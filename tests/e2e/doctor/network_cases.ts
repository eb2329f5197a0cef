/** What is wrong on this computer, with what the user has set, and on the way to Azure. */

import { inspectingProxy } from "../../helpers/inspecting_proxy.ts";
import { rawServer, untilClosed } from "../../helpers/raw_server.ts";
import { testCertificate } from "../../helpers/test_certificate.ts";
import type { Broken, DoctorCase } from "./doctor_case.ts";

/** The proxy leads to data planes alone. */
const byProxy = ({ azure }: Broken, proxy: string) => {
  const { host } = new URL(azure.emulator.endpoint);
  return { HTTPS_PROXY: proxy, NO_PROXY: host, no_proxy: host };
};

/** What is said alike of Entra, Resource Manager and data planes. */
const unresolved = { code: "dns-failed", remedy: /DNS server/, exit: 8 } as const;
const refused = { code: "connect-refused", remedy: /firewall/, exit: 8 } as const;
const untrusted = { code: "tls-untrusted", remedy: /--ca-file/, exit: 8 } as const;

/** Loopback's port for what nobody serves any more. */
const DEAD = "127.0.0.1:9";

export const networkCases: readonly DoctorCase[] = [
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
    env: async ({ azure }) => {
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
    env: ({ cloud }) => cloud({ authority: "https://login.invalid" }),
    check: "entra-dns",
    ...unresolved,
    says: /login\.invalid cannot be resolved/,
    skips: ["entra-tcp", "entra-tls"],
  },
  {
    what: "an Entra that refuses connections",
    env: ({ cloud }) => cloud({ authority: `https://${DEAD}` }),
    check: "entra-tcp",
    ...refused,
    says: /127\.0\.0\.1:9 refused/,
    skips: ["entra-tls"],
  },
  {
    what: "a certificate of Entra's that nobody here believes",
    env: async ({ cloud, ends }) => {
      const server = ends.use(rawServer(untilClosed, await testCertificate()));
      return await cloud({ authority: `https://${server.host}` });
    },
    check: "entra-tls",
    ...untrusted,
    says: /issued by Test CA/,
  },
  {
    what: "a name of Resource Manager's that nobody knows",
    env: ({ cloud }) => cloud({ resourceManager: "https://arm.invalid" }),
    check: "arm-dns",
    ...unresolved,
    says: /arm\.invalid cannot be resolved/,
    skips: ["arm-tcp", "arm-tls", "subscription", "target", "session"],
  },
  {
    what: "a Resource Manager that refuses connections",
    env: ({ cloud }) => cloud({ resourceManager: `https://${DEAD}` }),
    check: "arm-tcp",
    ...refused,
    says: /127\.0\.0\.1:9 refused/,
    skips: ["arm-tls", "subscription", "tenant", "target", "reader-host", "pim", "session"],
  },
  {
    what: "a certificate of Resource Manager's that nobody here believes",
    env: async ({ cloud }) => ({ ...await cloud({ caFile: undefined }), REQUESTS_CA_BUNDLE: "" }),
    check: "arm-tls",
    ...untrusted,
    says: /issued by Bastion emulator CA/,
    skips: ["subscription", "target", "session"],
  },
  {
    what: "a data plane that the proxy does not open a way to",
    env: (broken) => byProxy(broken, `http://${DEAD}`),
    check: "host-tcp",
    code: "connect-refused",
    says: /The proxy 127\.0\.0\.1:9 refused/,
    remedy: /proxy/,
    exit: 8,
    skips: ["host-tls", "session", "websocket", "port"],
  },
  {
    what: "a proxy whose own name nobody knows",
    env: (broken) => byProxy(broken, "http://proxy.invalid:8080"),
    check: "host-dns",
    ...unresolved,
    says: /proxy\.invalid cannot be resolved.*proxy's/,
    skips: ["host-tcp", "host-tls", "session", "websocket", "port"],
  },
  {
    what: "a proxy that inspects the data plane, by a CA that nobody here believes",
    env: async (broken) => {
      const certificates = [await testCertificate()];
      const farCa = broken.azure.emulator.ca;
      const proxy = broken.ends.use(inspectingProxy({ certificates, farCa }));
      return byProxy(broken, `http://${proxy.host}`);
    },
    check: "host-tls",
    ...untrusted,
    says: /issued by Test CA/,
    skips: ["session", "websocket", "port"],
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
    what: "a clock that is wrong by two minutes",
    azure: { world: { clockOffset: -120 } },
    check: "clock",
    status: "warn",
    says: /1\d\d s ahead of Azure's/,
    remedy: /five minutes/,
    exit: 0,
  },
];
