/** Where a program of the system is. Servers stand where an ordinary user's PATH does not look. */

import { delimiter, join } from "node:path";

/** The program's absolute path, or undefined where this machine has none. */
export function findProgram(name: string): string | undefined {
  const windows = Deno.build.os === "windows";
  const folders = [
    ...(Deno.env.get("PATH") ?? "").split(delimiter).filter(Boolean),
    ...(windows ? [] : ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/local/bin"]),
    ...postgresFolders(),
  ];
  for (const folder of folders) {
    const path = join(folder, windows ? `${name}.exe` : name);
    if (isProgram(path)) return path;
  }
  return undefined;
}

/** Debian keeps initdb and postgres in a folder for each version, newest first here. */
function postgresFolders(): string[] {
  const base = "/usr/lib/postgresql";
  try {
    return [...Deno.readDirSync(base)].map(({ name }) => name)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => `${base}/${version}/bin`);
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && (mode === null || (mode & 0o111) !== 0);
  } catch {
    return false;
  }
}
