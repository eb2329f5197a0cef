/**
 * Which hosts the wildcard block is for.
 *
 * Threat: ssh hands its `ProxyCommand` to a shell, with the host's name in it, and old versions take
 * any name (`$(touch x).bastion`, out of a link or a submodule's address). So the block is not for
 * names with a character that a shell might mind, whatever the version. Pure.
 */

/** Of those that stand on a keyboard: all but letters, digits, `-`, `.`, `_`. */
const MINDED = [...` !#$%&'()+,/:;<=>@[\\]^\`{|}~`];

/**
 * The words behind `Host`. `*` and `?` are wildcards in patterns and cannot be told; within the
 * quotes that the name stands in they mean nothing to a shell.
 */
export const wildcardPatterns = [
  "*.bastion",
  // `bastion ssh` has said all there is to say about its own made-up names.
  "!*.*.id.bastion",
  "!-*",
  ...MINDED.map((character) => `"!*${character}*"`),
  // Last: before OpenSSH 8.7 nothing is read behind a quote that stands alone.
  `'!*"*'`,
].join(" ");

/** The same hosts for `Match originalhost`, where no shell is told the name. */
export const wildcardList = "*.bastion,!*.*.id.bastion";

/** How the name stands in a command line that a shell reads. */
export function quotedToken(os: "windows" | "darwin" | "linux"): string {
  return os === "windows" ? `"%h"` : `'%h'`;
}
