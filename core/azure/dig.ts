import { isRecord } from "../record.ts";

/** What is in `document` at `path`, as `properties.subnet.id`; undefined where there is nothing. Pure. */
export function dig(document: unknown, path: string): unknown {
  let value = document;
  for (const key of path.split(".")) {
    if (!isRecord(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}
