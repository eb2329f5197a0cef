/** What a process of this computer has open, as Linux tells it in /proc. */

/** Whether this system has a /proc to look into. */
export const hasProc = Deno.build.os === "linux";

export interface TcpSocket {
  readonly localPort: number;
  readonly remotePort: number;
  readonly state: "ESTABLISHED" | "CLOSE_WAIT" | "other";
}

/** By their numbers in /proc/net/tcp. */
const STATES: Readonly<Record<string, TcpSocket["state"]>> = {
  "01": "ESTABLISHED",
  "08": "CLOSE_WAIT",
};

/** The number of its open file descriptors, sockets among them. */
export function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

export function tcpSockets(pid: number): TcpSocket[] {
  const own = new Set(socketInodes(pid));
  const found: TcpSocket[] = [];
  for (const table of ["tcp", "tcp6"]) {
    const lines = Deno.readTextFileSync(`/proc/${pid}/net/${table}`).trim().split("\n").slice(1);
    for (const line of lines) {
      const fields = line.trim().split(/\s+/);
      const [, local = "", remote = "", state = ""] = fields;
      if (!own.has(fields[9] ?? "")) continue;
      found.push({
        localPort: portOf(local),
        remotePort: portOf(remote),
        state: STATES[state] ?? "other",
      });
    }
  }
  return found;
}

/** Of `0100007F:1F90`. */
function portOf(address: string): number {
  return Number.parseInt(address.split(":")[1] ?? "", 16);
}

function socketInodes(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/${pid}/fd/${name}`))?.[1];
      return inode ?? [];
    } catch (error) {
      // Closed since the folder was read.
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}
