/**
 * Shows what bastion does, in a few seconds and without Azure: an emulator in this process, the
 * real command line beside it, SSH and SFTP through the tunnel that it opens.
 */

import { Buffer } from "node:buffer";
import net from "node:net";
import { fileURLToPath } from "node:url";
import type { Client } from "ssh2";
import { type RunningEmulator, startEmulator } from "../plugins/emulator/emulator.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const FILE_SIZE = 4 * 1024 * 1024;
/** Everything together; a demo that hangs is worse than one that fails. */
const LIMIT = 90_000;

function say(text = ""): void {
  console.log(text);
}

/** A step's outcome is shown only where it is what it should be; else the demo fails. */
function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the demo expected: ${what}`);
}

interface RunningTunnel {
  readonly port: number;
  /** Resolves with the first line on stderr that `pattern` matches, and the one after it. */
  complaint(pattern: RegExp): Promise<string[]>;
  /** Asks it to end, and gives what it said last. */
  stop(): Promise<{ code: number; lines: readonly string[] }>;
}

/** Starts `bastion tunnel` as a user would, and shows its ready line. */
async function openTunnel(emulator: RunningEmulator, state: string): Promise<RunningTunnel> {
  const vm = emulator.world.virtualMachines[0];
  const host = emulator.world.bastionHosts[0];
  if (!vm || !host) throw new Error("the demo's world is empty");
  const args = ["--name", host.name, "--resource-group", host.resourceGroup];
  args.push("--target-resource-id", vm.id, "--resource-port", "22");
  say(`   $ bastion tunnel --name ${host.name} --resource-group ${host.resourceGroup} \\`);
  say(`       --target-resource-id ${vm.id} --resource-port 22`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", "--config", `${root}deno.json`, `${root}cli/main.ts`]
      .concat("tunnel", args),
    env: { ...emulator.environment, XDG_STATE_HOME: state, LOCALAPPDATA: state, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const ready = Promise.withResolvers<number>();
  const stderr: string[] = [];
  const watchers = new Set<() => void>();
  const reading = Promise.all([
    readLines(child.stdout, (line) => {
      say(`   ${line}`);
      const port = /connect on port (\d+)/.exec(line)?.[1];
      if (port) ready.resolve(Number(port));
    }),
    readLines(child.stderr, (line) => {
      stderr.push(line);
      for (const look of watchers) look();
    }),
  ]);
  child.status.then(({ code }) => {
    ready.reject(new Error(`bastion tunnel ended with code ${code}: ${stderr.join(" ")}`));
  });
  return {
    port: await ready.promise,
    complaint: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          const at = stderr.findIndex((line) => pattern.test(line));
          if (at < 0 || stderr.length < at + 2) return;
          watchers.delete(look);
          resolve(stderr.slice(at, at + 2));
        };
        watchers.add(look);
        look();
      }),
    async stop() {
      const before = stderr.length;
      child.kill(Deno.build.os === "windows" ? "SIGKILL" : "SIGINT");
      const { code } = await child.status;
      await reading;
      return { code, lines: stderr.slice(before) };
    },
  };
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream() as never)) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") take(line);
  }
}

/** Signs in with the emulator's key; the VM's host key must be the one that the emulator wrote down. */
async function connectSsh(emulator: RunningEmulator, port: number): Promise<Client> {
  const { ssh } = emulator;
  if (!ssh) throw new Error("the demo's VM has no SSH server");
  const { Client } = (await import("ssh2")).default;
  const knownHosts = await Deno.readTextFile(ssh.knownHostsFile);
  const privateKey = await Deno.readTextFile(ssh.keyFile);
  const client = new Client();
  const socket = net.connect(port, "127.0.0.1");
  socket.once("connect", () => socket.setNoDelay(true));
  await new Promise<void>((resolve, reject) => {
    client.once("ready", () => resolve());
    client.once("error", reject);
    client.connect({
      sock: socket,
      username: ssh.username,
      privateKey,
      hostVerifier: (key: Buffer) => knownHosts.includes(key.toString("base64")),
    });
  });
  return client;
}

function execute(client: Client, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      let output = "";
      channel.on("data", (chunk: Buffer) => output += chunk.toString());
      channel.stderr.resume();
      channel.on("close", () => resolve(output.trim()));
    });
  });
}

/** Sends `bytes` to a file on the VM and reads it back. */
function moveThere(client: Client, bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    client.sftp((error, sftp) => {
      if (error) return reject(error);
      sftp.writeFile("demo.bin", Buffer.from(bytes), (failed) => {
        if (failed) return reject(failed);
        sftp.readFile(
          "demo.bin",
          (problem, content) => problem ? reject(problem) : resolve(content),
        );
      });
    });
  });
}

async function sha256(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes.slice())).toHex();
}

async function demo(): Promise<void> {
  const startedAt = performance.now();
  const state = await Deno.makeTempDir({ prefix: "bastion-demo-" });
  say(
    "1. An Azure of our own: Entra, Resource Manager, a bastion host and a VM, on this computer.",
  );
  await using emulator = await startEmulator();
  say(`   The emulator listens on ${emulator.endpoint}, with a CA of its own.`);
  say();
  say("2. A tunnel, by the command that Microsoft documents (without `az network `).");
  const tunnel = await openTunnel(emulator, state);
  try {
    say();
    say("3. SSH through it, host key checked; a command runs on the VM.");
    const client = await connectSsh(emulator, tunnel.port);
    const marker = crypto.randomUUID();
    const answer = await execute(client, `echo ${marker}`);
    expect(answer === marker, "the command's output comes back");
    say(`   $ echo ${marker}`);
    say(`   ${answer}`);
    say();
    say(`4. A file of ${FILE_SIZE / 1024 / 1024} MiB there and back by SFTP.`);
    const file = new Uint8Array(FILE_SIZE);
    for (let at = 0; at < FILE_SIZE; at += 65536) {
      crypto.getRandomValues(file.subarray(at, at + 65536));
    }
    const [sent, received] = [await sha256(file), await sha256(await moveThere(client, file))];
    expect(sent === received, "the file comes back as it was sent");
    say(`   sent      ${sent}`);
    say(`   received  ${received}  (equal)`);
    client.end();
    say();
    say("5. What a refusal looks like: the service is told to answer 403. The tunnel lives on.");
    emulator.setFaults([{ at: "token", kind: "status", status: 403 }]);
    const refused = await Deno.connect({ hostname: "127.0.0.1", port: tunnel.port });
    expect(await refused.read(new Uint8Array(1)) === null, "a refused connection ends");
    refused.close();
    for (const line of await tunnel.complaint(/403/)) say(`   ${line}`);
    say();
  } finally {
    const { code, lines } = await tunnel.stop();
    await Deno.remove(state, { recursive: true });
    if (Deno.build.os !== "windows") expect(code === 0, "a tunnel that was ready ends with 0");
    say("6. Ctrl-C: every session is deleted at the service.");
    for (const line of lines) say(`   ${line}`);
  }
  const { tokenPosts, sessionsIssued, outstandingSessions } = emulator.stats();
  expect(outstandingSessions === 0, "no session is left");
  say(
    `   The service saw ${tokenPosts} session requests, gave ${sessionsIssued} session` +
      `${sessionsIssued === 1 ? "" : "s"}, and has ${outstandingSessions} left.`,
  );
  say();
  say(
    `That took ${((performance.now() - startedAt) / 1000).toFixed(1)} s. Nothing left this ` +
      "computer, and nothing is left on it.",
  );
  say();
  say("Try next:");
  const run = "npx -y deno@2.9.6 task bastion";
  say(`  ${run} --help`);
  say(`  ${run} tunnel --help`);
  say(`  ${run} emulator`);
}

const timer = setTimeout(() => {
  console.error("The demo did not finish in time.");
  Deno.exit(1);
}, LIMIT);
try {
  await demo();
} catch (error) {
  console.error(error instanceof Error ? `The demo failed: ${error.message}` : error);
  Deno.exitCode = 1;
} finally {
  clearTimeout(timer);
}
