/** A pair of stunnels, one for each end: what TLS on this machine can do, in C. */

import type { Pump } from "./child.ts";

export interface StunnelPair extends AsyncDisposable {
  /** Of the near end, which is the counterpart of our tunnel. */
  readonly pid: number;
  /** Local ports, one for each target. */
  readonly ports: readonly number[];
}

/** Undefined where stunnel is not installed. */
export async function startStunnelPair(
  pump: Pump,
  directory: string,
  /** Leads to a port by a longer way, where there is one. */
  detour: (port: number) => Promise<number> = (port) => Promise.resolve(port),
): Promise<StunnelPair | undefined> {
  const name = crypto.randomUUID();
  const pem = `${directory}/${name}.pem`;
  await Deno.writeTextFile(pem, `${pump.key}\n${pump.certificate}\n`, { mode: 0o600 });
  const ca = `${directory}/${name}-ca.pem`;
  await Deno.writeTextFile(ca, pump.ca);
  const targets = pump.tcp;
  const common = ["foreground = yes", "pid =", "debug = 3", "socket = l:TCP_NODELAY=1"];
  common.push("socket = r:TCP_NODELAY=1");
  const far = targets.map(() => freePort());
  const near = targets.map(() => freePort());
  await using started = new AsyncDisposableStack();
  const server = await start(`${directory}/${name}-far.conf`, [
    ...common,
    `cert = ${pem}`,
    ...targets.flatMap((port, i) => [
      `[${i}]`,
      `accept = 127.0.0.1:${far[i]}`,
      `connect = 127.0.0.1:${port}`,
    ]),
  ]);
  if (!server) return undefined;
  started.use(server);
  const detours = await Promise.all(far.map(detour));
  const client = await start(`${directory}/${name}-near.conf`, [
    ...common,
    "client = yes",
    `CAfile = ${ca}`,
    "verifyChain = yes",
    ...targets.flatMap((_, i) => [
      `[${i}]`,
      `accept = 127.0.0.1:${near[i]}`,
      `connect = 127.0.0.1:${detours[i]}`,
    ]),
  ]);
  if (!client) return undefined;
  started.use(client);
  await Promise.all([...far, ...near].map(untilOpen));
  const owned = started.move();
  return { pid: client.pid, ports: near, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function start(file: string, lines: readonly string[]) {
  await Deno.writeTextFile(file, `${lines.join("\n")}\n`);
  try {
    const child = new Deno.Command("stunnel", {
      args: [file],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return {
      pid: child.pid,
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await child.status;
      },
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilOpen(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`nothing listens on port ${port}`);
}
