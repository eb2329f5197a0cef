/** The cloud that a text describes, in JSON or YAML. */

import { dirname } from "node:path";
import { bastionError, messageOf } from "../errors.ts";
import type { Cloud } from "./cloud.ts";
import { readCloud } from "./read_cloud.ts";

/**
 * @param file where it stands, for messages; a relative `caFile` is relative to it
 * @throws BastionError `cloud-file-invalid`
 */
export async function parseCloud(text: string, file: string): Promise<Cloud> {
  const { parse } = await import("yaml");
  let parsed: unknown;
  try {
    // The library's warnings would go past our output, to stderr.
    parsed = parse(text, { logLevel: "error" });
  } catch (error) {
    throw bastionError("cloud-file-invalid", { file, problem: messageOf(error) }, error);
  }
  return readCloud(parsed, { label: file, directory: dirname(file) });
}
