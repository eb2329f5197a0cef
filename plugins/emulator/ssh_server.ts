/** The SSH server of a VM: commands, a shell, SFTP, and forwarding to the VM's own ports. */

import net from "node:net";
import type { Address } from "./address.ts";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import type { LoopbackServer } from "./loopback_server.ts";
import { openLoopbackServer } from "./loopback_server.ts";
import { serveSftp } from "./sftp_server.ts";
import { runForChannel, type Terminal } from "./ssh_command.ts";
import type { SshLogin } from "./ssh_login.ts";

export interface SshServerOptions {
  readonly login: SshLogin;
  /** Where commands start, and what SFTP shows as its root. */
  readonly home: string;
  /** For `ssh -L`: where the VM's own port really is. */
  readonly addressOf: (port: number) => Address | "filtered" | undefined;
  /** Names that mean this VM, seen from itself. */
  readonly ownNames: readonly string[];
}

/** What works on every Deno that we meet: AES-GCM does not before 2.7. */
const algorithms: ssh2.Algorithms = {
  cipher: ["aes128-ctr", "aes192-ctr", "aes256-ctr"],
  compress: ["none"],
};
/** Attempts before the door is shut; OpenSSH has six. */
const MAX_ATTEMPTS = 6;

export async function openSshServer(options: SshServerOptions): Promise<LoopbackServer> {
  const { login } = options;
  const stops = new Set<() => void>();
  const server = new ssh2.Server({ hostKeys: [login.hostKey], algorithms }, (client) => {
    let attempts = 0;
    // A client that leaves without a word is no failure.
    client.on("error", () => {});
    client.on("authentication", (attempt) => {
      // OpenSSH asks with "none" first, to learn what there is.
      if (attempt.method !== "none" && ++attempts > MAX_ATTEMPTS) client.end();
      else login.check(attempt);
    });
    client.on("session", (accept) => serveSession(accept(), options.home, stops));
    client.on("tcpip", (accept, reject, { destIP, destPort }) => {
      const to = options.ownNames.includes(destIP) ? options.addressOf(destPort) : undefined;
      if (typeof to !== "object") return reject();
      const channel = accept();
      const socket = net.connect({ ...to, allowHalfOpen: true });
      socket.on("error", () => channel.destroy());
      channel.on("error", () => socket.destroy());
      channel.on("close", () => socket.destroy());
      channel.pipe(socket).pipe(channel);
    });
  });
  const listener = await openLoopbackServer({ onSocket: (socket) => server.injectSocket(socket) });
  return {
    port: listener.port,
    async close() {
      for (const stop of stops) stop();
      await listener.close();
    },
  };
}

function serveSession(session: ssh2.Session, home: string, stops: Set<() => void>): void {
  const env: Record<string, string> = {};
  let terminal: Terminal | undefined;
  session.on("env", (accept, reject, { key, val }) => {
    if (!/^(LANG|LC_\w+)$/.test(key)) return reject?.();
    env[key] = val;
    accept?.();
  });
  session.on("pty", (accept, _reject, { cols, rows, term }) => {
    // ssh2's types leave out the terminal's name, which the client always sends.
    terminal = { columns: cols, rows, name: term ?? "xterm" };
    accept?.();
  });
  session.on("window-change", (accept) => accept?.());
  const run = (channel: ssh2.ServerChannel, command?: string) => {
    const stop = runForChannel(channel, { command, env, home, terminal });
    stops.add(stop);
    channel.on("close", () => {
      stop();
      stops.delete(stop);
    });
  };
  session.on("exec", (accept, _reject, { command }) => run(accept(), command));
  session.on("shell", (accept) => run(accept()));
  session.on("sftp", (accept) => serveSftp(accept(), home));
}
