/** How a command is written, in one line. */

import type { Command, Option } from "../core/plugin/plugin.ts";

/**
 * Options, of which every command has some, stand before the arguments: where the last of these
 * takes every word that follows, what stands behind it is no option of ours.
 */
export function usageLine({ path, options, args = [], rest }: Command): string {
  return [
    `bastion ${path}`,
    ...options.filter(({ required }) => required).map(spelling),
    "[OPTIONS]",
    ...args.map(({ name, required, rest, many }) => {
      const word = `${name.toUpperCase()}${rest || many ? " …" : ""}`;
      return required ? word : `[${word}]`;
    }),
    ...rest ? [`[-- ${rest.placeholder}]`] : [],
  ].join(" ");
}

function spelling(option: Option): string {
  return option.type === "boolean" ? `--${option.name}` : `--${option.name} ${option.placeholder}`;
}
