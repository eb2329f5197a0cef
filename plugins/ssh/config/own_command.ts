/** Our own command lines, as they stand in ssh's configuration. */

import type { CommandContext, OptionValues } from "../../../core/mod.ts";
import { settingWords } from "../native/proxy_words.ts";

/** With which the user's bastion host is named. */
const PLACES = ["name", "resource-group", "bastion", "subscription"];

/**
 * What the user has said by flags and variables: those are gone when ssh starts us, while the config
 * file will be read again, and may say something else by then.
 */
export function givenOptions(
  options: OptionValues,
  command: string,
  { configuration }: Pick<CommandContext, "configuration">,
): OptionValues {
  const known = new Map(
    configuration.settings(command)
      .filter(({ source: { kind } }) => kind !== "flag" && kind !== "variable")
      .map(({ option, value }) => [option.name, value]),
  );
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) =>
      !known.has(name) || String(known.get(name)) !== String(value)
    ),
  );
}

/** The words that find a VM again as the user would have it found. */
export function placeWords(given: OptionValues): string[] {
  return PLACES.flatMap((name) => {
    const value = given[name];
    return typeof value === "string" ? [`--${name}=${value}`] : [];
  });
}

/**
 * One line, in which `%` is doubled, since it begins a token of ssh's.
 * @param tokens words of ssh's own behind it, as they stand
 */
export function ownCommand(
  [command, ...words]: readonly [string, ...string[]],
  given: OptionValues,
  tokens: readonly string[],
  ctx: Pick<CommandContext, "platform" | "selfCommand">,
): string {
  // Nobody can be asked: stdin is the connection, or nothing.
  const all = ctx.selfCommand([command, ...settingWords(given), ...words, "--no-input"]);
  const line = ctx.platform.commandLine(all).replaceAll("%", "%%");
  return [line, ...tokens].join(" ");
}
