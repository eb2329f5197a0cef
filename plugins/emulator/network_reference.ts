/** How the emulator's file names a VNet: `name`, `group/name`, or its id. */

import { parseResourceId, sameName } from "./resource_id.ts";

interface Place {
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: string;
}

export function refersTo(reference: string, { name, resourceGroup, subscription }: Place): boolean {
  const id = parseResourceId(reference);
  if (id) {
    return sameName(id.name, name) && sameName(id.resourceGroup, resourceGroup) &&
      sameName(id.subscription, subscription);
  }
  const [last = "", group, ...more] = reference.split("/").toReversed();
  return more.length === 0 && sameName(last, name) &&
    (group === undefined || sameName(group, resourceGroup));
}
