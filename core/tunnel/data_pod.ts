/**
 * The data pod of a Developer host (PROTOCOL §5): the free SKU has no data plane of its own, and
 * names, for each VM, the machine that serves it.
 */

import type { AccessToken } from "../auth/azure/credential.ts";
import { isBareHost } from "../azure/read_bastion_host.ts";
import { bastionError } from "../errors.ts";
import type { HttpClient } from "../net/http_client.ts";
import { printable } from "../secret.ts";
import type { Target } from "../target/target.ts";
import { sessionRefusal } from "./session_refusal.ts";

/** Milliseconds for the exchange. */
const TIMEOUT = 15_000;
/** The answer is a host name. */
const MAX_ANSWER = 16 * 1024;

/** Whether the host's sessions are opened on a data pod. */
export function needsDataPod({ bastionHost }: Target): boolean {
  return bastionHost.sku.toLowerCase() === "developer";
}

/**
 * The pod's host name, with a port where it is not 443.
 * @param suffix the cloud's domain of data pods: the access token goes nowhere else
 * @throws BastionError `data-pod-invalid`, `token-…` and network errors
 */
export async function findDataPod(
  target: Target,
  accessToken: AccessToken,
  suffix: string | undefined,
  doors: { readonly http: Pick<HttpClient, "request">; readonly date: () => Date },
  signal: AbortSignal,
): Promise<string> {
  const { bastionHost } = target;
  const host = printable(`${bastionHost.resourceGroup}/${bastionHost.name}`, 180);
  const invalid = (problem: string) => bastionError("data-pod-invalid", { host, problem });
  if (suffix === undefined) throw invalid("this cloud names no domain of data pods");
  const response = await doors.http.request({
    method: "POST",
    url: `https://${bastionHost.endpoint}/api/connection`,
    headers: { "Content-Type": "application/json", "Accept": "text/plain, application/json" },
    body: JSON.stringify({
      resourceId: target.resourceId,
      bastionResourceId: bastionHost.id,
      vmPort: target.port,
      azToken: accessToken.token.reveal(),
      connectionType: "nativeclient",
    }),
    signal,
    timeout: TIMEOUT,
    maxBytes: MAX_ANSWER,
  });
  const { status } = response;
  if (status < 200 || status > 299) {
    throw sessionRefusal(response, target, accessToken.token.length, doors.date());
  }
  const pod = readPod(response.text());
  if (!isBareHost(pod)) {
    throw invalid(`it is ${printable(JSON.stringify(response.text()), 80)}`);
  }
  const name = pod.replace(/:\d+$/, "");
  const domain = suffix.toLowerCase();
  if (name !== domain && !name.endsWith(`.${domain}`)) {
    throw invalid(`${printable(pod, 80)} is not in the domain ${domain}`);
  }
  return pod;
}

/** Plain text; a text of JSON is the same. */
function readPod(body: string): string {
  return body.trim().replace(/^"(.*)"$/, "$1").toLowerCase();
}
