import { bastionError, messageOf } from "../errors.ts";
import { readSome } from "../read_some.ts";
import { configError } from "./config_error.ts";

/** Larger than any config file that a person keeps; a larger one is another file, by mistake. */
const MAX_BYTES = 256 * 1024;

/**
 * The text of the config file; nothing where there is none and it was not asked for by name.
 * @param asked whether the user named the file
 * @throws BastionError `file-failed`, `config-invalid`
 */
export async function readConfigText(file: string, asked: boolean): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    // A pipe in the place of the file that nobody named would be waited for, for ever.
    if (!asked && !(await Deno.stat(file)).isFile) return undefined;
    bytes = await readSome(file, MAX_BYTES + 1);
  } catch (error) {
    if (!asked && error instanceof Deno.errors.NotFound) return undefined;
    const problem = messageOf(error);
    throw bastionError("file-failed", { file, action: "read", problem }, error);
  }
  const wrong = (problem: string, remedy: string) =>
    configError(file, { line: 1, column: 1, problem, remedy });
  if (bytes.length > MAX_BYTES) {
    throw wrong(
      `it is larger than ${MAX_BYTES / 1024} KiB`,
      "It was not read: is it the file that you meant?",
    );
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Said below.
  }
  throw wrong("it is no text in UTF-8", "Save it as YAML in UTF-8: is it the file that you meant?");
}
