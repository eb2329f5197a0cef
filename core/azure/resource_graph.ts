/** Azure Resource Graph: what there is in many subscriptions, in one question. */

import { bastionError, isBastionError } from "../errors.ts";
import { isRecord } from "../record.ts";
import type { ArmClient } from "./arm_client.ts";

const PATH = "/providers/Microsoft.ResourceGraph/resources";
const API_VERSION = "2022-10-01";
/** Rows a page: what the service gives at most. */
const PAGE = 1_000;
/** Subscriptions a question: what the service takes at most. */
const SUBSCRIPTIONS = 1_000;
const MAX_PAGES = 500;

/**
 * Rows of all subscriptions; undefined where Resource Graph may not be asked, or is not there, so
 * that plain lists must do. Subscriptions that the credential may not read are left out silently.
 * @param types resource types, in lower case
 * @param columns names of columns → where they stand in the resource; `id` and `type` are added
 * @throws BastionError `arm-…`
 */
export async function askResourceGraph(
  arm: ArmClient,
  subscriptions: readonly string[],
  types: readonly string[],
  columns: Readonly<Record<string, string>>,
  what: string,
  signal?: AbortSignal,
): Promise<Record<string, unknown>[] | undefined> {
  const rows: Record<string, unknown>[] = [];
  const query = [
    "resources",
    `where type in~ (${types.map((type) => `'${type}'`).join(", ")})`,
    `project id, type, ${
      Object.entries(columns).map(([name, path]) => `${name} = ${path}`).join(", ")
    }`,
  ].join(" | ");
  for (let at = 0; at < subscriptions.length; at += SUBSCRIPTIONS) {
    const asked = subscriptions.slice(at, at + SUBSCRIPTIONS);
    let skipToken: string | undefined;
    for (let page = 0;; page++) {
      if (page === MAX_PAGES) throw unreadable(what, "it has no end");
      const options = {
        resultFormat: "objectArray",
        $top: PAGE,
        ...(skipToken === undefined ? {} : { $skipToken: skipToken }),
      };
      const answer = await ask(arm, { subscriptions: asked, query, options }, what, signal);
      if (answer === undefined) return undefined;
      const data = answer["data"];
      if (!Array.isArray(data)) throw unreadable(what, "it holds no rows");
      for (const row of data) if (isRecord(row)) rows.push(row);
      const next = answer["$skipToken"];
      if (typeof next !== "string" || next === "") break;
      skipToken = next;
    }
  }
  return rows;
}

async function ask(
  arm: ArmClient,
  body: unknown,
  what: string,
  signal: AbortSignal | undefined,
): Promise<Record<string, unknown> | undefined> {
  let answer: unknown;
  try {
    answer = await arm.post(PATH, API_VERSION, body, what, signal);
  } catch (error) {
    if (isBastionError(error, "arm-forbidden", "arm-refused")) return undefined;
    throw error;
  }
  if (answer === undefined) return undefined;
  if (!isRecord(answer)) throw unreadable(what, "it is no object");
  return answer;
}

function unreadable(resource: string, problem: string): Error {
  return bastionError("arm-unreadable", { resource, problem });
}
