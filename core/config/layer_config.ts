import type { ConfigValue } from "./check_config.ts";
import type { Setting } from "./configuration.ts";

/** Sections whose entries are taken whole: half an alias of the one and half of the other is none. */
const WHOLE: readonly string[] = ["aliases", "clouds"];

/** The values that count, the profile's before the others, each once. Paths are without the profile's. */
export function layerConfig(
  values: readonly ConfigValue[],
  profile: string | undefined,
): readonly Setting[] {
  const own: Setting[] = [];
  const general: Setting[] = [];
  for (const { path, option, value, line } of values) {
    const [first, name] = path;
    if (first !== "profiles") {
      general.push({ path, option, value, source: { kind: "file", line } });
    } else if (profile !== undefined && name === profile) {
      const source = { kind: "profile", profile, line } as const;
      own.push({ path: path.slice(2), option, value, source });
    }
  }
  const taken = new Set(own.map(unitOf));
  return [...own, ...general.filter((setting) => !taken.has(unitOf(setting)))];
}

function unitOf({ path }: Setting): string {
  const [first = ""] = path;
  return (WHOLE.includes(first) ? path.slice(0, 2) : path).join("\0");
}
