/** Finds what no part of a world's file can tell alone: names of nothing, and what is there twice. */

import { refersTo } from "./network_reference.ts";
import { sameName } from "./resource_id.ts";

interface Placed {
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription?: string | undefined;
}
interface Machine {
  readonly privateIp: string;
  readonly ports: Readonly<Record<string, string>>;
}
interface Attached extends Placed {
  readonly network?: string | undefined;
}
interface Assignment {
  readonly principal: string;
  readonly scope: string;
}
interface Principal {
  readonly objectId?: string | undefined;
}

/** As much of a description as is looked at. */
interface References {
  readonly subscriptions: readonly { readonly id: string }[];
  readonly users: readonly (Principal & { readonly userPrincipalName: string })[];
  readonly servicePrincipals: readonly (Principal & { readonly clientId: string })[];
  readonly managedIdentities: readonly (Principal & { readonly clientId: string })[];
  readonly roles?: readonly Assignment[] | undefined;
  readonly eligibleRoles: readonly Assignment[];
  readonly virtualNetworks:
    readonly (Placed & { readonly peerings: readonly { readonly network: string }[] })[];
  readonly bastionHosts: readonly Attached[];
  readonly virtualMachines: readonly (Attached & Machine)[];
  readonly scaleSets: readonly (Attached & {
    readonly instances: readonly (Machine & { id?: string | undefined })[];
  })[];
  readonly faults: readonly { readonly host?: string | undefined }[];
}

type Report = (path: (string | number)[], message: string) => void;

export function checkReferences(world: References, report: Report): void {
  checkPlaces(world, report);
  checkNetworks(world, report);
  checkMachines(world, report);
  checkPrincipals(world, report);
  for (const [i, { host }] of world.faults.entries()) {
    if (host !== undefined && !world.bastionHosts.some((one) => one.name === host)) {
      report(["faults", i, "host"], `there is no bastion host ${host} in this file`);
    }
  }
}

function checkPlaces(world: References, report: Report): void {
  const known = new Set(world.subscriptions.map(({ id }) => id.toLowerCase()));
  const seen = new Set<string>();
  for (
    const kind of ["bastionHosts", "virtualMachines", "scaleSets", "virtualNetworks"] as const
  ) {
    for (const [i, resource] of world[kind].entries()) {
      const { subscription: id = world.subscriptions[0]?.id ?? "" } = resource;
      if (!known.has(id.toLowerCase())) {
        report([kind, i, "subscription"], `there is no subscription ${id} in this file`);
      }
      const key = [kind, id, resource.resourceGroup, resource.name].join("/").toLowerCase();
      if (seen.has(key)) report([kind, i, "name"], `${resource.name} is there twice`);
      seen.add(key);
    }
  }
}

function checkNetworks(world: References, report: Report): void {
  const { virtualNetworks } = world;
  const place = ({ name, resourceGroup, subscription }: Placed) => ({
    name,
    resourceGroup,
    subscription: subscription ?? world.subscriptions[0]?.id ?? "",
  });
  const isKnown = (reference: string) =>
    virtualNetworks.some((network) => refersTo(reference, place(network)));
  for (const kind of ["bastionHosts", "virtualMachines", "scaleSets"] as const) {
    for (const [i, { network }] of world[kind].entries()) {
      if (network !== undefined && !isKnown(network)) {
        report([kind, i, "network"], `there is no VNet ${network} in this file`);
      }
    }
  }
  for (const [i, { peerings }] of virtualNetworks.entries()) {
    for (const [j, { network }] of peerings.entries()) {
      if (!network.startsWith("/") && !isKnown(network)) {
        report(
          ["virtualNetworks", i, "peerings", j, "network"],
          `there is no VNet ${network} in this file; one that is elsewhere is named by its id`,
        );
      }
    }
  }
}

function checkMachines(world: References, report: Report): void {
  const addresses = new Set<string>();
  const check = (machine: Machine, path: (string | number)[]) => {
    if (addresses.has(machine.privateIp)) {
      report([...path, "privateIp"], `${machine.privateIp} is there twice`);
    }
    addresses.add(machine.privateIp);
    for (const port of Object.keys(machine.ports)) {
      if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535) {
        report([...path, "ports", port], `${port} is no port; they are 1–65535`);
      }
    }
  };
  for (const [i, vm] of world.virtualMachines.entries()) check(vm, ["virtualMachines", i]);
  for (const [i, { instances }] of world.scaleSets.entries()) {
    const ids = new Set<string>();
    for (const [j, instance] of instances.entries()) {
      const path = ["scaleSets", i, "instances", j];
      check(instance, path);
      const { id = String(j) } = instance;
      if (ids.has(id)) report([...path, "id"], `the instance ${id} is there twice`);
      ids.add(id);
    }
  }
}

function checkPrincipals(world: References, report: Report): void {
  const apps = [...world.servicePrincipals, ...world.managedIdentities];
  const names = [
    ...world.users.flatMap((one) => [one.userPrincipalName, one.objectId ?? []].flat()),
    ...apps.flatMap((one) => [one.clientId, one.objectId ?? []].flat()),
  ];
  for (const kind of ["roles", "eligibleRoles"] as const) {
    for (const [i, { principal, scope }] of (world[kind] ?? []).entries()) {
      if (!names.some((name) => sameName(name, principal))) {
        report(
          [kind, i, "principal"],
          `there is no user, client id or object id ${principal} here`,
        );
      }
      const id = scope.split("/")[2] ?? "";
      if (!world.subscriptions.some((one) => sameName(one.id, id))) {
        report([kind, i, "scope"], `there is no subscription ${id} in this file`);
      }
    }
  }
  const seen = new Set<string>();
  for (const [i, { userPrincipalName }] of world.users.entries()) {
    const name = userPrincipalName.toLowerCase();
    if (seen.has(name)) {
      report(["users", i, "userPrincipalName"], `${userPrincipalName} is there twice`);
    }
    seen.add(name);
  }
}
