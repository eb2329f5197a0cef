/**
 * What a user writes for a path on the VM, as its SFTP server wants it. Pure.
 *
 * Windows' OpenSSH is told by what it answers for `.`: a drive stands there, `/C:/Users/ada`. (By its
 * banner, `OpenSSH_for_Windows`, it could be told as well; OpenSSH's client does not show us that.)
 */

/** Whether the server's files are Windows'. @param home what it answers to realpath(".") */
export function isWindowsHome(home: string): boolean {
  return /^\/[a-z]:(?:\/|$)/i.test(home);
}

/**
 * An absolute path for SFTP; nothing where there is none: a share (`\\server\share`), which Windows'
 * SFTP server does not open, and `C:x`, which depends on where somebody was last on that drive.
 * @param home what the server answers to realpath(".")
 */
export function remotePath(written: string, home: string): string | undefined {
  const windows = isWindowsHome(home);
  const path = windows ? written.replaceAll("\\", "/") : written;
  if (path === "" || path === "~" || path === ".") return home;
  if (path.startsWith("~/")) return below(home, path.slice(2));
  if (!windows) return path.startsWith("/") ? path : below(home, path);
  if (path.startsWith("//")) return undefined;
  // SFTP has one root, and drives in it; the user may have written that already.
  const [, drive, rest = ""] = /^\/?([a-z]:)(.*)$/i.exec(path) ?? [];
  if (drive !== undefined) {
    if (rest === "") return `/${drive}/`;
    return rest.startsWith("/") ? `/${drive}${rest}` : undefined;
  }
  // Of the drive that the user's files are on.
  return path.startsWith("/") ? `${home.slice(0, "/C:".length)}${path}` : below(home, path);
}

function below(directory: string, path: string): string {
  return directory.endsWith("/") ? `${directory}${path}` : `${directory}/${path}`;
}
