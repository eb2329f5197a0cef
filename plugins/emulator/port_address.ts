import type { Address } from "./address.ts";

/** The built-in servers of one VM. */
export interface BuiltInServers {
  readonly echo: Address;
  readonly ssh: Address | undefined;
}

/** What a port of the world's description comes to; a closed one to nothing. Pure. */
export function portAddress(
  to: string | undefined,
  { echo, ssh }: BuiltInServers,
): Address | "filtered" | undefined {
  switch (to) {
    case undefined:
    case "filtered":
      return to;
    case "echo":
      return echo;
    case "ssh":
      return ssh;
  }
  const [, host = "", digits = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(to) ?? [];
  return { host, port: Number(digits) };
}
