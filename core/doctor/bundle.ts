/**
 * A file with everything that a colleague needs to help: what was found, what is set, what happened
 * last. It leaves this computer: secrets are taken out as everywhere, and so is who the user is.
 */

import type { Configuration, Setting } from "../config/configuration.ts";
import { bastionError, messageOf } from "../errors.ts";
import type { LogRecord } from "../logger.ts";
import type { Platform } from "../platform.ts";
import { shownValue } from "../plugin/shown_value.ts";
import { redact } from "../secret.ts";
import type { Diagnosis } from "./check.ts";

export interface BundleContents extends Diagnosis {
  readonly time: Date;
  readonly configuration?: Configuration | undefined;
  readonly log: readonly LogRecord[];
}

export interface Bundle {
  /** @throws BastionError `file-failed` */
  write(contents: BundleContents): Promise<void>;
  /** Removes the file where nothing has been written to it. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes the file, which must be a new one, before anything is checked: who gave a wrong path learns
 * it at once.
 * @throws BastionError `file-failed`
 */
export async function openBundle(path: string, platform: Platform): Promise<Bundle> {
  const failed = (error: unknown) => {
    const problem = error instanceof Deno.errors.AlreadyExists
      ? "there is a file of that name, which is left as it is"
      : messageOf(error);
    return bastionError("file-failed", { file: path, action: "written", problem }, error);
  };
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    throw failed(error);
  }
  let written = false;
  return {
    async write(contents) {
      try {
        const bytes = new TextEncoder().encode(bundleText(contents, platform));
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
        written = true;
      } catch (error) {
        throw failed(error);
      }
    },
    async [Symbol.asyncDispose]() {
      file.close();
      if (!written) await Deno.remove(path).catch(() => {});
    },
  };
}

/** JSON, for eyes and programs. Pure. */
export function bundleText(contents: BundleContents, platform: Platform): string {
  const { time, program, checks, configuration, log } = contents;
  const anonymous = anonymizer(platform);
  const clean = (value: unknown): unknown => {
    if (typeof value === "string") return anonymous(redact(value));
    // An error's message is not among its own enumerable properties.
    if (value instanceof Error) return clean(`${value.name}: ${value.message}`);
    if (typeof value === "bigint") return String(value);
    return value;
  };
  const document = {
    about: "What bastion doctor found. Secrets and user names were taken out; look through it " +
      "before you hand it on, since resources are named.",
    time: time.toISOString(),
    program,
    platform: {
      os: platform.os,
      stateDirectory: platform.stateDirectory,
      configDirectory: platform.configDirectory,
    },
    config: configuration && {
      file: configuration.file,
      exists: configuration.exists,
      problems: configuration.problems,
      settings: settingsOf(configuration).map(describeSetting),
    },
    checks,
    log: log.map(({ time, ...others }) => ({ time: time.toISOString(), ...others })),
  };
  return `${JSON.stringify(document, (_key, value: unknown) => clean(value), 2)}\n`;
}

/** A variable that cannot be read was said by whoever reads it. */
function settingsOf(configuration: Configuration): readonly Setting[] {
  try {
    return configuration.settings("doctor");
  } catch {
    return [];
  }
}

function describeSetting({ path, option, value, source }: Setting) {
  return { path: path.join("."), value: shownValue(option.name, value), source };
}

/** Takes out who the user is: `ada@contoso.com` becomes `a…@contoso.com`, the home directory `~`. */
function anonymizer({ home, env }: Platform): (text: string) => string {
  // In a text of "a", every a would go.
  const names = ["USER", "USERNAME", "LOGNAME"].map((name) => env(name) ?? "")
    .filter((name) => name.length > 2 && name !== "root");
  return (text) => {
    let clean = text;
    if (home.length > 2) clean = clean.replaceAll(home, "~");
    for (const name of new Set(names)) {
      const whole = new RegExp(
        `(?<![\\p{L}\\p{N}_-])${RegExp.escape(name)}(?![\\p{L}\\p{N}_-])`,
        "giu",
      );
      clean = clean.replace(whole, "USER");
    }
    return clean.replace(/([\p{L}\p{N}])[\p{L}\p{N}._%+#'-]*@(?=[\p{L}\p{N}-]+\.)/gu, "$1…@");
  };
}
