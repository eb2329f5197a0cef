/** From what the user named to a target: bastion host, data plane, resource. */

import type { ArmClient } from "../azure/arm_client.ts";
import { type BastionHost, checkBastionHost, getBastionHost } from "../azure/bastion_host.ts";
import { parseResourceId, type ResourceId } from "../azure/resource_id.ts";
import { findSubscription } from "../azure/subscription.ts";
import { bastionError } from "../errors.ts";
import type { HttpClient } from "../net/http_client.ts";
import type { Target, TargetRequest } from "./target.ts";

export interface ResolveDoors {
  readonly arm: () => Promise<ArmClient>;
  readonly http: HttpClient;
  env(name: string): string | undefined;
}

/**
 * @throws BastionError `usage` for what cannot be meant; `host-…`, `arm-…`, `credential-…` and
 * network errors for what is not fit
 */
export async function resolveTarget(request: TargetRequest, doors: ResolveDoors): Promise<Target> {
  const target = readTarget(request);
  const where = readHost(request);
  const { signal } = request;
  const arm = await doors.arm();
  const subscription = where.subscription ??
    await findSubscription(
      arm,
      // Without a word of the user's, a host is looked for where its target is.
      request.subscription ?? (doors.env("AZURE_SUBSCRIPTION_ID") || target.id?.subscription),
      signal,
    );
  const host = await getBastionHost(arm, { ...where, subscription }, signal);
  if (request.check !== false) {
    checkBastionHost(host, { byIpAddress: target.address !== undefined, port: request.port });
    await reachDataPlane(host, doors.http, signal);
  }
  const { port } = request;
  return { ...describe(target, host, port), port, bastionHost: host, notes: [] };
}

type NamedTarget =
  | { readonly id: ResourceId; readonly address?: undefined }
  | { readonly address: string; readonly id?: undefined };

function readTarget({ resourceId, ipAddress }: TargetRequest): NamedTarget {
  if ((resourceId === undefined) === (ipAddress === undefined)) {
    throw usage(
      resourceId === undefined ? "No target is named." : "Two targets are named.",
      "Give either --target-resource-id or --target-ip-address.",
    );
  }
  if (ipAddress !== undefined) {
    if (isIpv4(ipAddress)) return { address: ipAddress };
    throw usage(
      `${JSON.stringify(ipAddress)} is not an IPv4 address.`,
      "Give --target-ip-address as four numbers, such as 10.1.0.4. Bastion knows no IPv6 targets.",
    );
  }
  const id = parseResourceId(resourceId ?? "");
  if (id) return { id };
  throw usage(
    `${JSON.stringify(resourceId)} is not a resource id.`,
    "It begins with /subscriptions/. Copy it from the portal: the resource's JSON view.",
  );
}

function readHost(
  { bastionHost, resourceGroup }: TargetRequest,
): { name: string; resourceGroup: string; subscription?: string } {
  if (bastionHost === undefined) {
    throw usage("The bastion host is not named.", "Give --name and --resource-group.");
  }
  if (bastionHost.startsWith("/")) {
    const id = parseResourceId(bastionHost);
    const [name] = id?.names ?? [];
    if (id && name && id.type.toLowerCase() === "microsoft.network/bastionhosts") {
      return { name, resourceGroup: id.resourceGroup, subscription: id.subscription };
    }
    throw usage(
      `${JSON.stringify(bastionHost)} is not a bastion host's resource id.`,
      "Give --name as a name, or as /subscriptions/…/providers/Microsoft.Network/bastionHosts/NAME.",
    );
  }
  if (resourceGroup === undefined) {
    throw usage(
      "The bastion host's resource group is not named.",
      "Give --resource-group, or --name as a full resource id.",
    );
  }
  for (const [flag, value] of [["--name", bastionHost], ["--resource-group", resourceGroup]]) {
    if (value === undefined || !/^(?!\.{1,2}$)[\p{L}\p{N}_.()-]{1,90}$/u.test(value)) {
      throw usage(
        `${JSON.stringify(value)} cannot be an Azure name.`,
        `Check ${flag}: letters, digits, hyphens, underscores, dots and parentheses are allowed.`,
      );
    }
  }
  return { name: bastionHost, resourceGroup };
}

function describe(
  target: NamedTarget,
  host: BastionHost,
  port: number,
): Pick<Target, "label" | "resourceId" | "hostname"> {
  if (target.id) {
    const { resourceGroup, names, id } = target.id;
    return { label: `${resourceGroup}/${names.join("/")}:${port}`, resourceId: id };
  }
  return {
    label: `${target.address}:${port}`,
    // IP connect's synthetic id (PROTOCOL §4).
    resourceId: `/subscriptions/${host.subscription}/resourceGroups/${host.resourceGroup}` +
      `/providers/Microsoft.Network/bh-hostConnect/${target.address}`,
    hostname: target.address,
  };
}

/**
 * Any answer shows that the data plane can be reached; the connection stays open for the first
 * session request, which so costs one round trip.
 */
async function reachDataPlane(
  host: BastionHost,
  http: HttpClient,
  signal: AbortSignal | undefined,
): Promise<void> {
  await http.request({
    method: "HEAD",
    url: `https://${host.endpoint}/`,
    timeout: 15_000,
    ...(signal ? { signal } : {}),
  });
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function usage(problem: string, remedy: string): Error {
  return bastionError("usage", { problem, remedy });
}
