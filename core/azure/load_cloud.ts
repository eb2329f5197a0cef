/** The cloud that a file describes. */

import { dirname } from "node:path";
import { bastionError, messageOf } from "../errors.ts";
import type { Cloud } from "./cloud.ts";
import { readCloud } from "./read_cloud.ts";

/** A cloud is some lines; what is larger is another file. */
const MAX_FILE = 1024 * 1024;

/**
 * The cloud that `file` describes, in JSON or YAML. A relative `caFile` is relative to it.
 * @throws BastionError `cloud-file-invalid`
 */
export async function loadCloud(file: string): Promise<Cloud> {
  let parsed: unknown;
  try {
    const { parse } = await import("yaml");
    const { size } = await Deno.stat(file);
    if (size > MAX_FILE) throw new Error(`it is larger than ${MAX_FILE} bytes`);
    // The library's warnings would go past our output, to stderr.
    parsed = parse(await Deno.readTextFile(file), { logLevel: "error" });
  } catch (error) {
    throw bastionError("cloud-file-invalid", { file, problem: messageOf(error) }, error);
  }
  return readCloud(parsed, { label: file, directory: dirname(file) });
}
