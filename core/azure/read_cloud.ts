/** The cloud that a record of a file describes. */

import { isAbsolute, join } from "node:path";
import { bastionError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { isRecord } from "../record.ts";
import { printable } from "../secret.ts";
import type { Cloud } from "./cloud.ts";
import { builtInClouds } from "./clouds.ts";

/** Where the record stands. */
export interface CloudPlace {
  /** For errors: the file, and the place in it where there are several. */
  readonly label: string;
  /** A relative `caFile` is relative to it. */
  readonly directory: string;
}

const REQUIRED = ["name", "resourceManager", "authority", "audience"] as const;
const OPTIONAL = ["sshCertificateScope", "portal", "dataPodSuffix", "caFile"] as const;
const KEYS: readonly string[] = [...REQUIRED, ...OPTIONAL];

/** @throws BastionError `cloud-file-invalid` */
export function readCloud(record: unknown, place: CloudPlace): Cloud {
  const invalid = (problem: string) =>
    bastionError("cloud-file-invalid", { file: place.label, problem });
  if (!isRecord(record)) throw invalid("it holds no object");
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(record)) {
    if (!KEYS.includes(key)) {
      const [near] = nearest(key, KEYS);
      throw invalid(
        `${printable(key, 60)} is not known${near === undefined ? "" : `; did you mean ${near}?`}`,
      );
    }
    if (typeof value !== "string" || value === "") throw invalid(`${key} is not a text`);
    values.set(key, value);
  }
  const required = (key: (typeof REQUIRED)[number]): string => {
    const value = values.get(key);
    if (value === undefined) throw invalid(`${key} is missing`);
    return value;
  };
  const address = (key: string, value: string): string => {
    const url = URL.parse(value);
    if (
      url?.protocol !== "https:" || url.username || url.password || url.search || url.hash
    ) {
      throw invalid(`${key} is not an https:// address`);
    }
    return value.replace(/\/+$/, "");
  };
  const name = required("name");
  // A credential of Microsoft's cloud would be taken for one of this cloud.
  if (builtInClouds.some((one) => one.name.toLowerCase() === name.toLowerCase())) {
    throw invalid(`${name} is the name of a built-in cloud`);
  }
  const scope = values.get("sshCertificateScope");
  const portal = values.get("portal");
  const suffix = values.get("dataPodSuffix");
  // One name alone would be a whole top-level domain; localhost is this computer's own.
  if (suffix !== undefined && !/^([a-z0-9-]+(\.[a-z0-9-]+)+|localhost)$/i.test(suffix)) {
    throw invalid("dataPodSuffix is not a domain");
  }
  const caFile = values.get("caFile");
  return {
    name,
    resourceManager: address("resourceManager", required("resourceManager")),
    authority: address("authority", required("authority")),
    audience: address("audience", required("audience")),
    ...(scope ? { sshCertificateScope: scope } : {}),
    ...(portal ? { portal: address("portal", portal) } : {}),
    ...(suffix ? { dataPodSuffix: suffix.toLowerCase() } : {}),
    ...(caFile ? { caFile: isAbsolute(caFile) ? caFile : join(place.directory, caFile) } : {}),
  };
}
