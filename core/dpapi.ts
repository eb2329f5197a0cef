/**
 * Windows' own encryption for a user (DPAPI), and the check of who may read a file. Both are had
 * through Windows PowerShell, which every Windows has; texts go over its stdin, never its argv.
 */

import { Buffer } from "node:buffer";
import { systemClock } from "./clock.ts";
import { bastionError } from "./errors.ts";
import type { Platform } from "./platform.ts";
import { type ProgramRunner, programRunner } from "./run_program.ts";
import { strangersIn } from "./windows_acl.ts";

export interface Dpapi {
  /**
   * `text`, readable by this user on this computer only.
   * @throws BastionError `private-file-unsafe` where strangers may enter `directory`, `file-failed`
   */
  protect(text: string, directory: string): Promise<string>;
  /** What `protect` was given; `file` is where it was kept, for the same check. */
  unprotect(text: string, file: string): Promise<string>;
}

/** A SecureString holds 65,536 characters at most; a longer text is kept in pieces, one a line. */
const PIECE = 60_000;

/** The first line that is read is the path; what is asked of each further line is `each`. */
const script = (each: string) =>
  [
    "$ErrorActionPreference = 'Stop'",
    "$utf8 = New-Object System.Text.UTF8Encoding $false",
    "$in = New-Object System.IO.StreamReader ([Console]::OpenStandardInput()), $utf8",
    "$path = $utf8.GetString([Convert]::FromBase64String($in.ReadLine()))",
    "[Console]::Out.WriteLine([Security.Principal.WindowsIdentity]::GetCurrent().User.Value)",
    "[Console]::Out.WriteLine((Get-Acl -LiteralPath $path).Sddl)",
    `while ($null -ne ($line = $in.ReadLine())) { [Console]::Out.WriteLine((${each})) }`,
  ].join("; ");

const PROTECT = script(
  "ConvertFrom-SecureString (ConvertTo-SecureString -String $line -AsPlainText -Force)",
);
const UNPROTECT = script(
  "(New-Object System.Net.NetworkCredential '', (ConvertTo-SecureString -String $line)).Password",
);

export function windowsDpapi(
  platform: Platform,
  run: ProgramRunner = programRunner(platform, systemClock),
): Dpapi {
  /** What `code` makes of `lines`, after the check of `path`. */
  async function convert(code: string, path: string, lines: readonly string[]): Promise<string[]> {
    const { program, env } = platform.powershell;
    const stdin = [Buffer.from(path).toString("base64"), ...lines, ""].join("\n");
    const result = await run(
      [program, "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", code],
      { stdin, env, timeout: 30_000, maxBytes: 128 * 1024 * 1024 },
    );
    const [user = "", sddl = "", ...converted] = result.stdout.split(/\r?\n/);
    if (result.code !== 0 || converted.length < lines.length) {
      // What PowerShell prints may repeat what it was given: none of it is shown.
      const problem = `Windows' data protection failed (PowerShell ended with ${result.code})`;
      throw bastionError("file-failed", { file: path, action: "protected", problem });
    }
    const strangers = strangersIn(sddl, user);
    if (strangers.length > 0) {
      throw bastionError("private-file-unsafe", {
        path,
        problem: `${strangers.join(", ")} may read it`,
        remedy: `Run: icacls "${path}" /reset, and take the others' rights away with /remove.`,
      });
    }
    return converted.slice(0, lines.length);
  }

  return {
    async protect(text, directory) {
      const encoded = Buffer.from(text).toString("base64");
      return (await convert(PROTECT, directory, pieces(encoded))).join("\n");
    },
    async unprotect(text, file) {
      const lines = text.split(/\s+/).filter((line) => line !== "");
      return Buffer.from((await convert(UNPROTECT, file, lines)).join(""), "base64").toString();
    },
  };
}

function pieces(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; at += PIECE) found.push(text.slice(at, at + PIECE));
  return found;
}
