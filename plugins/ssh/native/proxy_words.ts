import type { OptionValues, Target } from "../../../core/mod.ts";

/** What the user has set for us counts for a run of ours that ssh starts, too. */
const TEXTS = ["config", "profile", "credential", "token-command", "cloud", "ca-file", "log-file"];
const SWITCHES = ["no-az-cache", "no-cache", "verbose", "debug"];

/** The words behind our own name that lead to `target`: it was found and checked already. */
export function proxyWords(target: Target, options: OptionValues): string[] {
  const words = ["proxy", ...settingWords(options), ...targetWords(target)];
  // Nobody can be asked: stdin is the connection. At its end there is no ssh any more, killed as it
  // may be, and none who would read an answer.
  return [...words, "--half-close-grace=0", "--no-input"];
}

/** For a run of ours that ssh starts; what ssh prints is to be ssh's, and all has been said before. */
export function settingWords(options: OptionValues): string[] {
  const texts = TEXTS.flatMap((name) => {
    const value = options[name];
    return typeof value === "string" ? [`--${name}=${value}`] : [];
  });
  const switches = SWITCHES.filter((name) => options[name] === true).map((name) => `--${name}`);
  const quiet = options["verbose"] === true || options["debug"] === true ? [] : ["--quiet"];
  return [...texts, ...switches, ...quiet];
}

export function targetWords({ bastionHost, hostname, resourceId, port }: Target): string[] {
  const where = hostname === undefined
    ? `--target-resource-id=${resourceId}`
    : `--target-ip-address=${hostname}`;
  return [`--bastion=${bastionHost.id}`, where, `--resource-port=${port}`, "--no-check"];
}
