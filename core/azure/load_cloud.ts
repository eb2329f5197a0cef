/** The cloud that a file describes. */

import { bastionError, messageOf } from "../errors.ts";
import { readSmallText } from "../read_small_text.ts";
import type { Cloud } from "./cloud.ts";
import { parseCloud } from "./parse_cloud.ts";

/** A cloud is some lines; what is larger is another file, which might take minutes to be read. */
const MAX_FILE = 64 * 1024;

/**
 * The cloud that `file` describes, in JSON or YAML. A relative `caFile` is relative to it.
 * @throws BastionError `cloud-file-invalid`
 */
export async function loadCloud(file: string): Promise<Cloud> {
  let text: string;
  try {
    text = await readSmallText(file, MAX_FILE);
  } catch (error) {
    throw bastionError("cloud-file-invalid", { file, problem: messageOf(error) }, error);
  }
  return await parseCloud(text, file);
}
