/** The measurements, each on one local port of the subject. Times in ms, sizes in bytes. */

const MIB = 1024 * 1024;

/** Bytes a second from the far side, `size` bytes after the first MiB. */
export async function measureDown(port: number, size: number): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(256 * 1024);
  const take = async (bytes: number) => {
    for (let left = bytes; left > 0;) left -= await conn.read(buffer) ?? Number.POSITIVE_INFINITY;
  };
  await take(MIB);
  const start = performance.now();
  await take(size);
  return size / (performance.now() - start) * 1000;
}

/** Bytes a second to the far side, by its acknowledgements. */
export async function measureUp(port: number, size: number): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const chunk = new Uint8Array(256 * 1024);
  const buffer = new Uint8Array(64 * 1024);
  const total = size + MIB;
  const writing = (async () => {
    for (let sent = 0; sent < total;) {
      sent += await conn.write(chunk.subarray(0, Math.min(chunk.length, total - sent)));
    }
  })();
  let acknowledged = 0;
  let start = 0;
  while (acknowledged < total / MIB) {
    acknowledged += await conn.read(buffer) ?? Number.POSITIVE_INFINITY;
    if (start === 0) {
      start = performance.now();
      acknowledged = Math.max(acknowledged, 1);
    }
  }
  await writing;
  return size / (performance.now() - start) * 1000;
}

/** Round trips of 64 bytes, sorted. */
export async function measureEcho(port: number, count: number): Promise<number[]> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  const message = new Uint8Array(64);
  const buffer = new Uint8Array(64);
  const times: number[] = [];
  for (let i = 0; i < count + 20; i++) {
    const start = performance.now();
    await conn.write(message);
    for (let left = message.length; left > 0;) {
      left -= await conn.read(buffer) ?? Number.POSITIVE_INFINITY;
    }
    if (i >= 20) times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b);
}

/** From opening a connection to the first byte that has come back. */
export async function measureFirstByte(port: number): Promise<number> {
  const start = performance.now();
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  await conn.write(new Uint8Array(1));
  await conn.read(new Uint8Array(1));
  return performance.now() - start;
}

/** From opening all of `count` connections at once to the last one's first byte. */
export async function measureMany(port: number, count: number): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, () => measureFirstByte(port)));
  return performance.now() - start;
}

/** Opens `count` connections, each with one byte there and back, and holds them during `work`. */
export async function withOpen<T>(port: number, count: number, work: () => Promise<T>): Promise<T> {
  const conns: Deno.Conn[] = [];
  try {
    while (conns.length < count) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      conns.push(conn);
      await conn.write(new Uint8Array(1));
      await conn.read(new Uint8Array(1));
    }
    return await work();
  } finally {
    for (const conn of conns) conn.close();
  }
}

/** Seconds of CPU that a process has used, where the system tells (Linux). */
export async function cpuSeconds(pid: number): Promise<number | undefined> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    // Fields 14 and 15; the second, a name in parentheses, may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

/** Resident memory of a process in bytes, where the system tells (Linux). */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    const kib = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}
