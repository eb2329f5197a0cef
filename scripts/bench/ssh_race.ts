/** OpenSSH's clients by `bastion proxy` and by `bastion tunnel`, side by side, to one real server. */

import { userInfo } from "node:os";
import type { Figures } from "./figures.ts";
import { firstOutput } from "./first_output.ts";
import { startScript } from "./child.ts";
import type { EmulatorReady } from "./emulator.ts";
import { startSshd } from "./sshd.ts";

type Program = readonly [string, ...string[]];

export interface SshRace extends AsyncDisposable {
  /** With a proxy of each client's own, and by a tunnel that is open already. */
  byProxy(): Promise<Figures>;
  byTunnel(): Promise<Figures>;
}

/**
 * @param size of the file that is copied, in bytes
 * @returns undefined where OpenSSH's server is not installed
 */
export async function startSshRace(
  program: Program,
  parent: string,
  size: number,
): Promise<SshRace | undefined> {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ dir: parent });
  const sshd = await startSshd(directory);
  if (!sshd) return undefined;
  stack.use(sshd);
  const emulator = stack.use(
    await startScript<EmulatorReady>("emulator.ts", [], String(sshd.port)),
  );
  const { environment, target } = emulator.ready;
  const env = { ...environment, XDG_STATE_HOME: directory };
  const [big, empty, copy] = ["big", "empty", "copy"].map((name) => `${directory}/${name}`);
  if (!big || !empty || !copy) throw new TypeError("three paths");
  await Deno.writeFile(big, crypto.getRandomValues(new Uint8Array(65_536)));
  await Deno.truncate(big, size);
  await Deno.writeTextFile(empty, "");

  const tunnel = stack.use(await openTunnel(program, target, env));
  const command = [...program, "proxy", ...target].map((word) => `'${word}'`).join(" ");
  const login = `${userInfo().username}@127.0.0.1`;

  async function timed(client: string, args: readonly string[]): Promise<number> {
    const started = performance.now();
    const { success, stderr } = await new Deno.Command(client, { args: [...args], env }).output();
    if (!success) throw new Error(`${client}: ${new TextDecoder().decode(stderr)}`);
    return performance.now() - started;
  }

  async function measure(way: readonly string[], firstByte: () => Promise<number>) {
    const options = [...sshd?.clientOptions ?? [], ...way];
    const scp = (from: string, to: string) => timed("scp", [...options, from, to]);
    const remote = (path: string) => `${login}:${path}`;
    const figures: Record<string, number> = { "start to SSH banner, ms": await firstByte() };
    figures["ssh HOST true, ms"] = await timed("ssh", [...options, login, "true"]);
    // What it takes to begin and to end is no throughput.
    const none = await scp(empty ?? "", remote(copy ?? ""));
    const rate = (ms: number) => size / 1e6 / ((ms - none) / 1000);
    figures["scp up, MB/s"] = rate(await scp(big ?? "", remote(copy ?? "")));
    figures["scp down, MB/s"] = rate(await scp(remote(big ?? ""), copy ?? ""));
    return figures;
  }

  const owned = stack.move();
  return {
    byProxy: () =>
      measure(["-o", `ProxyCommand=${command}`], () => proxyBanner(program, target, env)),
    byTunnel: () => measure(["-o", `Port=${tunnel.port}`], () => tunnelBanner(tunnel.port)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openTunnel(
  [program, ...words]: Program,
  target: readonly string[],
  env: Record<string, string>,
) {
  const child = new Deno.Command(program, {
    args: [...words, "tunnel", "--json", ...target],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const port = /"port":(\d+)/.exec(new TextDecoder().decode(value))?.[1];
  if (port === undefined) throw new Error("bastion tunnel did not listen");
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    port: Number(port),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await drained;
    },
  };
}

/** From the program's start to the server's first word, in ms. */
async function proxyBanner(
  program: Program,
  target: readonly string[],
  env: Record<string, string>,
): Promise<number> {
  const { ms, bytes } = await firstOutput([...program, "proxy", ...target], env);
  expectBanner(bytes);
  return ms;
}

/** From the connection to the server's first word, in ms. */
async function tunnelBanner(port: number): Promise<number> {
  const started = performance.now();
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(64);
  const n = await conn.read(buffer) ?? 0;
  const ms = performance.now() - started;
  expectBanner(buffer.subarray(0, n));
  return ms;
}

function expectBanner(bytes: Uint8Array | undefined): void {
  const text = new TextDecoder().decode(bytes);
  if (!text.startsWith("SSH-2.0")) throw new Error(`no SSH banner: ${text}`);
}
