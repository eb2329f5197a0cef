/** The answer to `POST /api/tokens`: one session's token set (PROTOCOL §2). Pure. */

import { bastionError } from "../errors.ts";
import { Secret } from "../secret.ts";

export interface TokenAnswer {
  readonly authToken: Secret;
  readonly nodeId: string;
  readonly websocketToken: Secret;
}

/**
 * Reads the three values; more fields may be there.
 * @throws BastionError `token-unreadable`
 */
export function readTokenAnswer(body: string): TokenAnswer {
  const unreadable = (problem: string) => bastionError("token-unreadable", { problem });
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw unreadable("it is not JSON");
  }
  if (typeof answer !== "object" || answer === null) throw unreadable("it is not a JSON object");
  const fields = new Map<string, unknown>(Object.entries(answer));
  const read = (name: string): string => {
    const value = fields.get(name);
    if (typeof value === "string" && value !== "") return value;
    throw unreadable(`it has no ${name}`);
  };
  // Each becomes a part of a URL's path: half a surrogate pair cannot be encoded, and dots alone
  // would lead to another path. Found out later, either would leave the session open.
  const readToken = (name: string): string => {
    const value = read(name);
    if (value.isWellFormed() && value !== "." && value !== "..") return value;
    throw unreadable(`its ${name} is malformed`);
  };
  const nodeId = read("nodeId");
  // It becomes a header; nothing in it may begin another one.
  if (!/^[\x21-\x7e]{1,1024}$/.test(nodeId)) throw unreadable("its nodeId is malformed");
  const authToken = readToken("authToken");
  const websocketToken = readToken("websocketToken");
  return {
    nodeId,
    authToken: new Secret(authToken),
    websocketToken: new Secret(websocketToken),
  };
}
