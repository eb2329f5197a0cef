/** GET of a resource, of a list of resources, and of what hangs on one. */

import { type Access, isWithin } from "./access.ts";
import type { TokenHolder } from "./access_tokens.ts";
import { type ArmAnswer, authorizationFailed, notFound } from "./arm_answer.ts";
import type { CatalogueEntry } from "./arm_catalogue.ts";
import { instanceView } from "./arm_documents.ts";
import { armPage } from "./arm_page.ts";
import { decodePathSegment } from "./path_segment.ts";
import { sameName } from "./resource_id.ts";

export interface ResourceReadOptions {
  readonly catalogue: readonly CatalogueEntry[];
  readonly access: Access;
  readonly endpoint: string;
  readonly pageSize: number;
}

/** What a path asks for: one resource (`name`), or all of a type in a scope. */
interface Wanted {
  /** Id of the subscription, the group, or the resource above. */
  readonly scope: string;
  readonly subscription: string;
  readonly group?: string;
  readonly type: string;
  readonly name?: string;
  /** Whether the scope is a resource. */
  readonly isNested: boolean;
}

const PATH =
  /^(\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?)\/providers\/([^/]+)\/(.+?)\/?$/i;

export function createResourceReads(options: ResourceReadOptions) {
  const { catalogue, access } = options;

  function read(url: URL, holder: TokenHolder): ArmAnswer {
    const view = /^(.*\/virtualMachines\/[^/]+)\/instanceView\/?$/i.exec(url.pathname)?.[1];
    const wanted = parse(view ?? url.pathname);
    const isKnown = wanted !== undefined &&
      KNOWN.has(wanted.type.toLowerCase()) &&
      (wanted.name === undefined || wanted.group !== undefined);
    if (!isKnown) {
      const path = decodePathSegment(url.pathname);
      return notFound("InvalidResourceType", `The emulator has no resource at '${path}'.`);
    }
    return wanted.name === undefined
      ? list(wanted, url, holder)
      : get(wanted, url, holder, view !== undefined);
  }

  function get(wanted: Wanted, url: URL, holder: TokenHolder, viewOnly: boolean): ArmAnswer {
    const { type, name = "", group = "", scope, subscription } = wanted;
    const id = wanted.isNested
      ? `${scope}/${lastOf(type)}/${name}`
      : `${scope}/providers/${type}/${name}`;
    const action = viewOnly ? `${type}/instanceView/read` : `${type}/read`;
    if (!access.may(holder, action, id)) return authorizationFailed(holder, action, id);
    const entry = catalogue.find((one) => sameName(one.id, id));
    if (entry) {
      const { machine } = entry;
      if (viewOnly) return { body: machine ? instanceView(machine) : {} };
      return { body: entry.document(wantsView(url)) };
    }
    const groupExists = catalogue.some((one) =>
      sameName(one.subscription.id, subscription) && sameName(one.resourceGroup, group)
    );
    return groupExists
      ? notFound(
        "ResourceNotFound",
        `The Resource '${type}/${name}' under resource group '${group}' was not found.`,
      )
      : notFound("ResourceGroupNotFound", `Resource group '${group}' could not be found.`);
  }

  function list(wanted: Wanted, url: URL, holder: TokenHolder): ArmAnswer {
    const { scope, type } = wanted;
    const action = `${type}/read`;
    if (!access.may(holder, action, scope) && !access.touches(holder, scope)) {
      return authorizationFailed(holder, action, scope);
    }
    if (wanted.isNested && !catalogue.some(({ id }) => sameName(id, scope))) {
      return notFound(
        "ParentResourceNotFound",
        `Failed to perform 'read' on resource(s) of type '${type}', because the parent resource '${scope}' could not be found.`,
      );
    }
    const inScope = catalogue.filter((one) =>
      isWithin(one.id, scope) &&
      (sameName(one.type, type) ||
        // All interfaces of a set's instances hang on the set as well.
        (wanted.isNested && sameName(lastOf(one.type), lastOf(type)))) &&
      access.may(holder, `${one.type}/read`, one.id)
    );
    const documents = inScope.map((one) => one.document(wantsView(url)));
    return armPage(documents, url, { endpoint: options.endpoint, size: options.pageSize });
  }

  const KNOWN = new Set([
    ...[
      "Microsoft.Network/bastionHosts",
      "Microsoft.Network/networkInterfaces",
      "Microsoft.Network/virtualNetworks",
      "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
      "Microsoft.Compute/virtualMachines",
      "Microsoft.Compute/virtualMachineScaleSets",
      "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
      "Microsoft.Compute/virtualMachineScaleSets/networkInterfaces",
      "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces",
    ].map((type) => type.toLowerCase()),
  ]);

  return { read };
}

function parse(path: string): Wanted | undefined {
  const parts = PATH.exec(path)?.map((part = "") => decodePathSegment(part));
  if (!parts) return undefined;
  const [, above = "", subscription = "", group, namespace = "", rest = ""] = parts;
  const words = rest.split("/");
  const types = words.filter((_, i) => i % 2 === 0);
  const isOne = words.length % 2 === 0;
  const common = {
    subscription,
    ...(group ? { group } : {}),
    type: [namespace, ...types].join("/"),
    isNested: types.length > 1,
  };
  const scope = types.length > 1
    ? `${above}/providers/${namespace}/${words.slice(0, isOne ? -2 : -1).join("/")}`
    : above;
  return { ...common, scope, ...(isOne ? { name: words.at(-1) ?? "" } : {}) };
}

function wantsView(url: URL): boolean {
  return sameName(url.searchParams.get("$expand") ?? "", "instanceView") ||
    url.searchParams.get("statusOnly") === "true";
}

function lastOf(type: string): string {
  return type.split("/").at(-1) ?? "";
}
