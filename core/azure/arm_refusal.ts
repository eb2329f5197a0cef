/** What an answer of Resource Manager that is none means to the user. Pure. */

import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { type BastionError, bastionError } from "../errors.ts";
import { isRecord } from "../record.ts";
import { printable } from "../secret.ts";

type Answer = Pick<PipelineResponse, "status" | "headers" | "bodyAsText">;

/** @param what names to the user what was asked for */
export function armRefusal(response: Answer, what: string): BastionError {
  const { status } = response;
  const { code, message } = armReason(response.bodyAsText ?? "");
  const id = response.headers.get("x-ms-correlation-request-id");
  const detail = [
    message ? `: ${printable(message, 250)}` : code ? `: ${printable(code, 60)}` : "",
    id ? `; correlation id ${printable(id, 60)}` : "",
  ].join("");
  if (status === 401) {
    return bastionError("credential-rejected", { service: "Azure Resource Manager", detail });
  }
  if (status === 403) return bastionError("arm-forbidden", { resource: what, detail });
  if (status === 429) return bastionError("arm-throttled", { resource: what, detail });
  if (status >= 300 && status < 400) {
    const host = URL.parse(response.headers.get("location") ?? "")?.host;
    const where = host === undefined ? "elsewhere" : `to ${printable(host, 100)}`;
    return bastionError("arm-unreadable", {
      resource: what,
      problem: `it leads ${where} (HTTP ${status}), where the token must not go`,
    });
  }
  if (status >= 400 && status < 500) {
    return bastionError("arm-refused", { resource: what, status, detail });
  }
  return bastionError("arm-failed", { resource: what, problem: `HTTP ${status}${detail}` });
}

/** `{"error": {"code", "message"}}`, as Resource Manager has it. */
export function armReason(body: string): { code?: string; message?: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    const error = isRecord(parsed) ? parsed["error"] : undefined;
    if (!isRecord(error)) return {};
    const { code, message } = error;
    return {
      ...(typeof code === "string" ? { code } : {}),
      ...(typeof message === "string" ? { message } : {}),
    };
  } catch {
    return {};
  }
}
