/** What a config file holds, with the place of each thing in it, for errors that name it. */

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export type ConfigNode =
  | { readonly kind: "record"; readonly entries: readonly ConfigEntry[]; readonly place: Place }
  | { readonly kind: "list"; readonly place: Place }
  /** The text as the file has it, without quotes; nothing where no value stands. */
  | { readonly kind: "scalar"; readonly text: string | undefined; readonly place: Place };

export interface ConfigEntry {
  readonly key: string;
  /** The key's. */
  readonly place: Place;
  readonly value: ConfigNode;
}

/** The node at the end of a path of keys. */
export function findNode(root: ConfigNode, path: readonly string[]): ConfigEntry | undefined {
  let node: ConfigNode | undefined = root;
  let found: ConfigEntry | undefined;
  for (const key of path) {
    found = node?.kind === "record" ? node.entries.find((entry) => entry.key === key) : undefined;
    node = found?.value;
  }
  return found;
}
