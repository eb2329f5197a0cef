/** The parts of an Azure resource id. Pure. */

export interface ResourceId {
  readonly subscription: string;
  readonly resourceGroup: string;
  /** `Microsoft.Compute/virtualMachines`, as it was written. */
  readonly type: string;
  /** The names along the path: a scale-set instance has two. */
  readonly names: readonly string[];
  /** The id itself, without a slash at its end. */
  readonly id: string;
}

/**
 * Never `.` or `..`: in a URL they would lead to another resource. Nor a backslash, which a URL takes
 * for a slash, so that `vm\..\..\x` would climb all the same.
 */
const SEGMENT = /^(?!\.{1,2}$)[^\s/\\?#%\p{Cc}]{1,260}$/u;

/**
 * Reads `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME[/TYPE/NAME …]`, in any
 * case, with or without a slash at its end.
 * @returns undefined where the text is no such id
 */
export function parseResourceId(text: string): ResourceId | undefined {
  const id = text.trim().replace(/\/+$/, "");
  const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/(.+)$/i
    .exec(id);
  if (!match) return undefined;
  const [, subscription = "", resourceGroup = "", namespace = "", path = ""] = match;
  const pairs = path.split("/");
  if (pairs.length % 2 !== 0) return undefined;
  if (![subscription, resourceGroup, namespace, ...pairs].every((part) => SEGMENT.test(part))) {
    return undefined;
  }
  const types = pairs.filter((_, i) => i % 2 === 0);
  return {
    subscription,
    resourceGroup,
    type: [namespace, ...types].join("/"),
    names: pairs.filter((_, i) => i % 2 === 1),
    id,
  };
}
