/** docs/reference/errors.md, from the catalogues of the core and of each plugin. */

import type { ErrorCatalogue, ExitKind } from "../../core/error_catalogue.ts";
import { code, pageHead, plain, table } from "./markdown.ts";

export interface NamedCatalogue {
  /** `core`, or the plugin's name. */
  readonly owner: string;
  readonly errors: ErrorCatalogue;
}

export function errorsPage(
  catalogues: readonly NamedCatalogue[],
  exitCodeOfKind: (kind: ExitKind) => number,
): string {
  const parts = [
    pageHead("Errors", "the catalogues of core/errors.ts and of the plugins"),
    "Every failure has a code that stays the same, a message and a hint. Words in braces are " +
    "filled in. A plugin's codes begin with its name. Where `bastion ssh` gets no session, it ends " +
    "with 255 whatever the reason, as OpenSSH does; `--json` tells the code.\n",
  ];
  for (const { owner, errors } of catalogues) {
    const prefix = owner === "core" ? "" : `${owner}/`;
    const rows = Object.entries(errors).map(([name, { exit, message, hint }]) => [
      code(`${prefix}${name}`),
      String(exitCodeOfKind(exit)),
      plain(message),
      plain(hint),
    ]);
    if (rows.length === 0) continue;
    parts.push(`## ${owner === "core" ? "Core" : `Plugin ${code(owner)}`}\n`);
    parts.push(table(["Code", "Exit code", "Message", "Hint"], rows));
  }
  return parts.join("\n");
}
