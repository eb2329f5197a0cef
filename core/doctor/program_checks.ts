/** The checks of this computer and of what the user has set; none of them needs a network. */

import type { Cloud } from "../azure/cloud.ts";
import { configError } from "../config/config_error.ts";
import type { Configuration } from "../config/configuration.ts";
import type { Dialer } from "../net/dial.ts";
import { type ProxyChoice, proxyFromEnvironment } from "../net/proxy.ts";
import type { Trust } from "../net/trust.ts";
import { printable } from "../secret.ts";
import type { ProgramFacts } from "./check.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import type { Checked, Plan } from "./plan.ts";

export interface ProgramChecks {
  readonly cloud: Checked<Cloud>;
  readonly proxy: Checked<ProxyChoice>;
  readonly trust: Checked<{ readonly dial: Dialer; readonly trust: Trust }>;
}

export function addProgramChecks(
  plan: Plan,
  doors: DoctorDoors,
  facts: ProgramFacts,
  configuration: Configuration | undefined,
): ProgramChecks {
  const { env } = doors.platform;

  plan.add({
    name: "program",
    title: "Program",
    run() {
      const { version, os, arch, deno } = facts;
      const program = version === undefined ? "bastion in another program" : `bastion ${version}`;
      return { found: `${program} on ${os} (${arch}), Deno ${deno}`, value: undefined };
    },
  });

  plan.add({
    name: "cloud-shell",
    title: "Azure Cloud Shell",
    run() {
      const isShell = env("ACC_CLOUD") ||
        /^cloud-?shell/i.test(env("AZUREPS_HOST_ENVIRONMENT") ?? "");
      if (!isShell) return { found: "this is not one", value: undefined };
      return {
        status: "warn",
        found: "this is one: a tunnel ends here, where your own programs cannot reach it",
        remedy: "Run bastion on your own computer: Microsoft does not support native clients here.",
        value: undefined,
      };
    },
  });

  plan.add({
    name: "config",
    title: "Config file",
    run() {
      if (!configuration) return { skipped: "no config file belongs to this run" };
      const { file, exists, problems, failure, profile } = configuration;
      if (failure !== undefined) throw failure;
      const [first] = problems;
      if (first) throw configError(file, first);
      const with_ = profile === undefined ? "" : `, with the profile ${printable(profile, 60)}`;
      return {
        found: exists ? `${file} is right${with_}` : `there is none (${file})`,
        value: undefined,
      };
    },
  });

  const cloud = plan.add({
    name: "cloud",
    title: "Azure cloud",
    async run() {
      const value = await doors.cloud();
      const { name, resourceManager, authority } = value;
      const hosts = [resourceManager, authority].map((url) => new URL(url).host);
      return { found: `${printable(name, 60)} (${[...new Set(hosts)].join(", ")})`, value };
    },
  });

  const proxy = plan.add({
    name: "proxy",
    title: "Proxy",
    run() {
      const value = proxyFromEnvironment(env);
      return { found: describeProxy(env, value, cloud.peek()), value };
    },
    after: [cloud],
  });

  const trust = plan.add({
    name: "trust",
    title: "Trusted CAs",
    needs: [cloud, proxy],
    async run() {
      const value = await doors.net();
      const stores = (env("DENO_TLS_CA_STORE") ?? "mozilla").split(",").map((store) =>
        store.trim() === "system" ? "the system's store" : "Mozilla's list"
      );
      const files = value.trust.sources.map(({ source, file }) => `${file} (${source})`);
      return { found: [...new Set(stores), ...files].join(", "), value };
    },
  });

  return { cloud, proxy, trust };
}

function describeProxy(
  env: (name: string) => string | undefined,
  proxyFor: ProxyChoice,
  cloud: Cloud | undefined,
): string {
  const variable = ["https_proxy", "HTTPS_PROXY"].find((name) => env(name));
  if (variable === undefined) return "none: HTTPS_PROXY is not set";
  // A host that nobody exempts by name tells which proxy it is.
  const hosts = cloud ? [cloud.authority, cloud.resourceManager].map((url) => new URL(url)) : [];
  const ways = hosts.map((url) => ({
    host: url.host,
    proxy: proxyFor(url.hostname, Number(url.port) || 443),
  }));
  const used = ways.find(({ proxy }) => proxy)?.proxy ?? proxyFor("proxied.invalid", 443);
  if (!used) return `none: NO_PROXY exempts everything from ${variable}`;
  const direct = [...new Set(ways.filter(({ proxy }) => !proxy).map(({ host }) => host))];
  return `${used.label} from ${variable}` +
    (used.username === undefined ? "" : ", with a sign-in") +
    (direct.length === 0 ? "" : `; NO_PROXY exempts ${direct.join(", ")}`);
}
