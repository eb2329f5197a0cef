/** What Resource Manager answers: a document, or an error in its own shape. */

import type { ServerResponse } from "node:http";
import type { TokenHolder } from "./access_tokens.ts";
import { sendJson } from "./http_body.ts";

export interface ArmFailure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Further errors beneath, as Resource Graph has them. */
  readonly details?: readonly { readonly code: string; readonly message: string }[];
}

export type ArmAnswer = { readonly body: unknown } | ArmFailure;

export function sendArmAnswer(response: ServerResponse, answer: ArmAnswer): void {
  const id = crypto.randomUUID();
  const headers = { "x-ms-request-id": id, "x-ms-correlation-request-id": id };
  if ("body" in answer) return sendJson(response, 200, answer.body, headers);
  const { status, ...error } = answer;
  sendJson(response, status, { error }, headers);
}

export function authorizationFailed(
  { name, objectId }: TokenHolder,
  action: string,
  scope: string,
): ArmFailure {
  return {
    status: 403,
    code: "AuthorizationFailed",
    message:
      `The client '${name}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  };
}

export function notFound(code: string, message: string): ArmFailure {
  return { status: 404, code, message };
}
