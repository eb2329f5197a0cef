/** Resource Manager without a network: a test says what each path is answered with. */

import type { ArmClient } from "../../core/azure/arm_client.ts";
import { isRecord } from "../../core/record.ts";

export interface FakeArm extends ArmClient {
  /** `GET /path`, `LIST /path?query`, `POST /path`, in order. */
  readonly asked: readonly string[];
}

/**
 * @param answer by method, path and query; what it throws is what the request fails with. A list is
 * the `value` of its answer.
 * @param tenants of subscriptions, by their ids
 */
export function fakeArm(
  answer: (path: string, asked: { readonly method: string; readonly body?: unknown }) => unknown,
  tenants: Readonly<Record<string, string>> = {},
): FakeArm {
  const asked: string[] = [];
  async function ask(method: string, path: string, query = {}, body?: unknown): Promise<unknown> {
    const search = new URLSearchParams(query).toString();
    const full = search === "" ? path : `${path}?${decodeURIComponent(search)}`;
    asked.push(`${method} ${full}`);
    return await answer(full, { method, body });
  }
  return {
    asked,
    get: (path, _version, _what, _signal, query) => ask("GET", path, query),
    async list(path, _version, _what, _signal, query) {
      const document = await ask("LIST", path, query);
      const value = isRecord(document) ? document["value"] : undefined;
      if (!Array.isArray(value)) throw new Error(`the test has no list for ${path}`);
      return value;
    },
    post: (path, _version, body) => ask("POST", path, {}, body),
    tenantOf: (subscription) => tenants[subscription],
  };
}
