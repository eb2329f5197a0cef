/** All there are, on whatever system; apart from what they do, which help need not load. */
export const launcherNames = ["mstsc", "windows-app", "xfreerdp", "remmina"] as const;
