/**
 * The tenant that must have issued the token, where Resource Manager refuses one of another's: a
 * guest's subscription is in a tenant that is not the guest's own. Pure.
 *
 * Threat: the answer decides for which tenant a token is asked for. It is believed only where it
 * names the cloud's own authority, and nothing but a tenant is taken from it.
 */

import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { armReason } from "./arm_refusal.ts";
import type { Cloud } from "./cloud.ts";

const TENANT =
  /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=.{4,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)$/i;

/** @returns the tenant, in lower case; undefined where the refusal names none that can be used */
export function wantedTenant(
  response: Pick<PipelineResponse, "headers" | "bodyAsText">,
  cloud: Cloud,
): string | undefined {
  if (armReason(response.bodyAsText ?? "").code !== "InvalidAuthenticationTokenTenant") {
    return undefined;
  }
  return challengedTenant(response.headers.get("www-authenticate") ?? null, cloud);
}

/**
 * The tenant whose tokens Resource Manager asks for.
 * @param header WWW-Authenticate
 * @returns it, in lower case; undefined where the header names none that can be used
 */
export function challengedTenant(header: string | null, cloud: Cloud): string | undefined {
  const challenge = (header ?? "").slice(0, 4_096);
  const uri = /\bauthorization_uri="?([^",\s]+)/i.exec(challenge)?.[1];
  const url = uri === undefined ? null : URL.parse(uri);
  const authority = new URL(cloud.authority);
  const hosts = [authority.host, ...(cloud.authorityAliases ?? [])];
  if (url?.protocol !== "https:" || url.username !== "" || !hosts.includes(url.host)) {
    return undefined;
  }
  // An authority may stand below a path of its own.
  const below = authority.pathname.replace(/\/*$/, "/");
  const path = url.pathname.startsWith(below) ? url.pathname.slice(below.length) : "";
  const [tenant = ""] = path.split("/");
  return TENANT.test(tenant) ? tenant.toLowerCase() : undefined;
}
