/** docs/reference/exit-codes.md, from cli/exit_codes.ts. */

import type { ExitCode } from "../../cli/exit_codes.ts";
import { pageHead, plain, table } from "./markdown.ts";

export function exitCodesPage(codes: readonly ExitCode[]): string {
  const rows = [...codes].sort((a, b) => a.code - b.code)
    .map(({ code, meaning }) => [String(code), plain(meaning)]);
  return [
    pageHead("Exit codes", "cli/exit_codes.ts"),
    table(["Code", "Meaning"], rows),
  ].join("\n");
}
