/** From what the user named to a target: bastion host, data plane, resource. */

import { type BastionHost, checkBastionHost } from "../azure/bastion_host.ts";
import type { VirtualMachine } from "../azure/inventory.ts";
import { parseResourceId, type ResourceId } from "../azure/resource_id.ts";
import { checkVirtualMachine, parseMachineId } from "../azure/virtual_machine.ts";
import { bastionError, isBastionError } from "../errors.ts";
import type { HttpClient } from "../net/http_client.ts";
import { printable } from "../secret.ts";
import { namedHost, reachingHost } from "./find_host.ts";
import { findMachineByAddress, findMachineById, findMachineByName } from "./find_machine.ts";
import { type HostName, parseHostName } from "./grammar.ts";
import { type Named, nameTarget } from "./name_target.ts";
import { pickMachine } from "./pick_machine.ts";
import type { ResolveDoors } from "./resolve_doors.ts";
import { type Search, startSearch } from "./search.ts";
import type { Target, TargetRequest } from "./target.ts";

/**
 * @throws BastionError `usage` for what cannot be meant; `target-…`, `host-…`, `vm-…`, `arm-…`,
 * `subscription-…`, `credential-…` and network errors for what is not there or not fit
 */
export async function resolveTarget(request: TargetRequest, doors: ResolveDoors): Promise<Target> {
  if (request.bastionHost !== undefined) parseHostName(request.bastionHost, request.resourceGroup);
  const named = await nameTarget(request, doors);
  if (named.what.kind === "nothing" && !doors.prompt.available) {
    throw usage(
      "No target is named.",
      "Give TARGET (a name, a private IP address or a resource id), or az's --target-resource-id or --target-ip-address.",
    );
  }
  const asked = named.request;
  const plan: Plan = { ...readPlan(named.what, asked), check: asked.check !== false };
  const what = named.what.kind === "nothing" ? await pick(asked, doors) : named.what;
  const found = await findTwice(what, plan, asked, doors);
  return {
    ...found,
    ...(named.user === undefined ? {} : { user: named.user }),
    notes: [...named.notes, ...found.notes],
  };
}

type What = Exclude<Named, { kind: "nothing" }>;

async function pick(request: TargetRequest, doors: ResolveDoors): Promise<What> {
  const { id } = await pickMachine(await startSearch(request, doors), doors.prompt);
  return { kind: "id", id: readMachineId(id) };
}

interface Plan {
  readonly port: number;
  readonly host?: HostName;
  readonly check: boolean;
}

function readPlan(what: Named, request: TargetRequest): Omit<Plan, "check"> {
  const { bastionHost, resourceGroup, port = request.defaultPort } = request;
  if (bastionHost === undefined && resourceGroup !== undefined) {
    throw usage(
      "A bastion host's resource group is named, but no bastion host.",
      "Give --name as well. A VM's group goes before its name: GROUP/NAME.",
    );
  }
  if (port === undefined) {
    const on = what.kind === "name" ? ` on ${what.word}` : "";
    throw usage(
      `No port${on} is named.`,
      "Give --resource-port, such as 22 for SSH or 3389 for RDP.",
    );
  }
  return {
    port,
    ...(bastionHost === undefined ? {} : { host: parseHostName(bastionHost, resourceGroup) }),
  };
}

/** Where what an earlier run has found turns out wrong, it is forgotten and looked up anew. */
async function findTwice(
  what: What,
  plan: Plan,
  request: TargetRequest,
  doors: ResolveDoors,
): Promise<Target> {
  const search = await startSearch(request, doors);
  try {
    return await find(what, plan, search, doors.http);
  } catch (error) {
    request.signal?.throwIfAborted();
    if (search.kept.length === 0 || !isOutdated(error)) throw error;
    await (await doors.lookups()).forget(search.kept);
    return await find(what, plan, await startSearch(request, doors), doors.http);
  }
}

/** Whether a fresh look might end better. That a VM is down is always a fresh look's. */
function isOutdated(error: unknown): boolean {
  return isBastionError(error) && error.code !== "vm-stopped" &&
    (error.exit === "not-found" || error.exit === "unfit" || error.code === "dns-failed");
}

async function find(
  what: What,
  { port, host, check }: Plan,
  search: Search,
  http: HttpClient,
): Promise<Target> {
  const { id, address, note } = await locate(what, host, search);
  const label = printable(address ?? labelOf(id));
  const isMachine = id !== undefined && parseMachineId(id.id) !== undefined;
  let machine: Promise<VirtualMachine> | undefined;
  const readMachine = (id: ResourceId) => machine ??= findMachineById(id, search);

  async function findHost(): Promise<{ host: BastionHost; note?: string }> {
    const wanted = { byIpAddress: address !== undefined, port };
    let found: { host: BastionHost; note?: string };
    if (host) {
      found = { host: await namedHost(host, id?.subscription, search) };
    } else if (id && isMachine) {
      found = await reachingHost(id.id, label, () => readMachine(id), wanted, search);
    } else {
      const why = "it is no VM, so that its VNet is not known";
      throw bastionError("host-not-told", { target: label, why });
    }
    if (check) {
      checkBastionHost(found.host, wanted);
      await reachDataPlane(found.host, http, search.signal);
    }
    return found;
  }

  async function checkMachine(): Promise<void> {
    if (check && isMachine) checkVirtualMachine(await readMachine(id));
  }

  // Both are waited for, so that which error is told is no matter of chance.
  const [hostFound, machineChecked] = await Promise.allSettled([findHost(), checkMachine()]);
  if (hostFound.status === "rejected") throw hostFound.reason;
  if (machineChecked.status === "rejected") throw machineChecked.reason;
  const bastionHost = hostFound.value.host;
  const notes = [note, hostFound.value.note].filter((one) => one !== undefined);
  const common = { label: `${label}:${port}`, port, bastionHost, notes };
  if (address === undefined) return { ...common, resourceId: id.id };
  return {
    ...common,
    // IP connect's synthetic id (PROTOCOL §4).
    resourceId: `/subscriptions/${bastionHost.subscription}` +
      `/resourceGroups/${bastionHost.resourceGroup}` +
      `/providers/Microsoft.Network/bh-hostConnect/${address}`,
    hostname: address,
  };
}

type Located =
  | { readonly id: ResourceId; readonly address?: undefined; readonly note?: string }
  /** The VM with this address, where it was needed to find the host. */
  | { readonly id?: ResourceId; readonly address: string; readonly note?: undefined };

async function locate(
  what: What,
  host: HostName | undefined,
  search: Search,
): Promise<Located> {
  switch (what.kind) {
    case "id":
      return { id: what.id };
    case "ip": {
      if (host) return { address: what.address };
      const { id } = await findMachineByAddress(what.address, search);
      return { address: what.address, id: readMachineId(id) };
    }
    case "name": {
      const { machine, note } = await findMachineByName(what, search);
      return { id: readMachineId(machine.id), note };
    }
  }
}

function labelOf({ resourceGroup, names }: ResourceId): string {
  return `${resourceGroup}/${names.join("/")}`;
}

/** An id that Azure has sent. */
function readMachineId(text: string): ResourceId {
  const id = parseResourceId(text);
  if (id) return id;
  const problem = `it has the id ${printable(JSON.stringify(text), 100)}`;
  throw bastionError("arm-unreadable", { resource: "a VM", problem });
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

function usage(problem: string, remedy: string): Error {
  return bastionError("usage", { problem, remedy });
}
