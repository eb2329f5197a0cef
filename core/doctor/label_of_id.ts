import { parseResourceId } from "../azure/resource_id.ts";
import { printable } from "../secret.ts";

/** `GROUP/NAME`, for people. */
export function labelOfId(id: string): string {
  const parsed = parseResourceId(id);
  return printable(parsed ? `${parsed.resourceGroup}/${parsed.names.join("/")}` : id, 250);
}
