/** An ARM resource id, taken apart; comparisons fold case, as Azure's do. */
export interface ResourceId {
  readonly subscription: string;
  readonly resourceGroup: string;
  /** As `microsoft.compute/virtualmachines`, in lower case. */
  readonly type: string;
  /** One name for each word of the type after the first: `scaleset/0` for an instance. */
  readonly name: string;
}

const ID = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/(.+?)\/?$/i;

/** Undefined where it is no resource's id. A slash at the end is harmless. */
export function parseResourceId(text: string): ResourceId | undefined {
  const [, subscription, resourceGroup, namespace, rest] = ID.exec(text) ?? [];
  if (!subscription || !resourceGroup || !namespace || !rest) return undefined;
  const parts = rest.split("/");
  if (parts.length % 2 !== 0 || parts.includes("")) return undefined;
  const types = [namespace, ...parts.filter((_, i) => i % 2 === 0)];
  const names = parts.filter((_, i) => i % 2 === 1);
  return {
    subscription,
    resourceGroup,
    type: types.join("/").toLowerCase(),
    name: names.join("/"),
  };
}

/** Azure folds case in ids and in what they are made of. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
