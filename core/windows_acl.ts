/** Reads who may get at a file on Windows, from its security descriptor's text form (SDDL). */

/**
 * Who is no stranger: the system, the administrators (who can take any file), and the owner, by
 * their abbreviations and by their SIDs.
 */
const TRUSTED = new Set(["SY", "S-1-5-18", "BA", "S-1-5-32-544", "OW", "S-1-3-4", "CO", "S-1-3-0"]);

/**
 * The SIDs, other than `user`'s and the system's own, that `sddl` allows anything. A descriptor
 * without an access list, which lets everybody in, and one that cannot be read name `everybody`.
 */
export function strangersIn(sddl: string, user: string): string[] {
  const list = /D:([A-Z]*)((?:\([^()]*(?:\([^()]*\)[^()]*)*\))*)/.exec(sddl);
  if (!list || list[1]?.includes("NO_ACCESS_CONTROL")) return ["everybody"];
  const [, flags = "", entries = ""] = list;
  if (entries === "" && !flags.startsWith("P")) return ["everybody"];
  const found = new Set<string>();
  for (const [, entry = ""] of entries.matchAll(/\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)) {
    const [type = "", , , , , sid = ""] = entry.split(";");
    // Denials (D, OD, XD) give nothing; every other kind is an allowance, or unknown.
    if (/^(D|OD|XD)$/.test(type) || TRUSTED.has(sid) || sid === user) continue;
    found.add(sid === "" ? "everybody" : sid);
  }
  return [...found];
}
