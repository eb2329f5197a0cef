import type { Option } from "../core/plugin/plugin.ts";
import type { Registry } from "../core/plugin/registry.ts";

/** What an option may take; nothing where it is no choice. */
export function choicesOf(option: Option, registry: Pick<Registry, "choices">): readonly string[] {
  if (option.type !== "choice") return [];
  return "from" in option.choices ? registry.choices(option.choices.from) : option.choices;
}
