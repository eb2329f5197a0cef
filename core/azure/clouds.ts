/** The clouds that are known, and the ones that a file describes. */

import { dirname, isAbsolute, join } from "node:path";
import { bastionError, messageOf } from "../errors.ts";
import type { Cloud } from "./cloud.ts";

/** No host name of Azure's is written anywhere else. */
export const publicCloud: Cloud = {
  name: "AzureCloud",
  resourceManager: "https://management.azure.com",
  authority: "https://login.microsoftonline.com",
  audience: "https://management.azure.com",
  sshCertificateScope: "https://pas.windows.net/CheckMyAccess/Linux/.default",
};

const REQUIRED = ["name", "resourceManager", "authority", "audience"] as const;
const OPTIONAL = ["sshCertificateScope", "caFile"] as const;

/**
 * The cloud that `file` describes, in JSON or YAML. A relative `caFile` is relative to it.
 * @throws BastionError `cloud-file-invalid`
 */
export async function loadCloud(file: string): Promise<Cloud> {
  const invalid = (problem: string, cause?: unknown) =>
    bastionError("cloud-file-invalid", { file, problem }, cause);
  let parsed: unknown;
  try {
    const { parse } = await import("yaml");
    // The library's warnings would go past our output, to stderr.
    parsed = parse(await Deno.readTextFile(file), { logLevel: "error" });
  } catch (error) {
    throw invalid(messageOf(error), error);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw invalid("it holds no object");
  }
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(parsed)) {
    if (![...REQUIRED, ...OPTIONAL].some((known) => known === key)) {
      throw invalid(`${key} is not known`);
    }
    if (typeof value !== "string" || value === "") throw invalid(`${key} is not a text`);
    values.set(key, value);
  }
  const required = (key: (typeof REQUIRED)[number]): string => {
    const value = values.get(key);
    if (value === undefined) throw invalid(`${key} is missing`);
    return value;
  };
  const url = (key: "resourceManager" | "authority" | "audience"): string => {
    const parsed = URL.parse(required(key));
    if (
      parsed?.protocol !== "https:" || parsed.username || parsed.password || parsed.search ||
      parsed.hash
    ) {
      throw invalid(`${key} is not an https:// address`);
    }
    return required(key).replace(/\/+$/, "");
  };
  const scope = values.get("sshCertificateScope");
  const caFile = values.get("caFile");
  return {
    name: required("name"),
    resourceManager: url("resourceManager"),
    authority: url("authority"),
    audience: url("audience"),
    ...(scope ? { sshCertificateScope: scope } : {}),
    ...(caFile ? { caFile: isAbsolute(caFile) ? caFile : join(dirname(file), caFile) } : {}),
  };
}
