/** Cuts a list into Resource Manager's pages; a page names the next by its address. */

import type { ArmAnswer } from "./arm_answer.ts";

export function armPage(
  items: readonly unknown[],
  url: URL,
  { endpoint, size }: { readonly endpoint: string; readonly size: number },
): ArmAnswer {
  const start = startOfPage(url.searchParams.get("$skiptoken"));
  if (start === undefined) {
    return { status: 400, code: "InvalidSkipToken", message: "The skip token is invalid." };
  }
  const value = items.slice(start, start + size);
  if (start + size >= items.length) return { body: { value } };
  const next = new URL(`${endpoint}${url.pathname}${url.search}`);
  next.searchParams.set("$skiptoken", skipToken(start + size));
  return { body: { value, nextLink: next.href } };
}

/** What stands for an offset, in an address or a document. */
export function skipToken(offset: number): string {
  return btoa(`offset:${offset}`);
}

/** The offset that a skip token stands for; 0 without one, undefined where it is none. */
export function startOfPage(token: string | null | undefined): number | undefined {
  if (token === null || token === undefined || token === "") return 0;
  try {
    const digits = /^offset:(\d{1,9})$/.exec(atob(token))?.[1];
    return digits === undefined ? undefined : Number(digits);
  } catch {
    return undefined;
  }
}
