/** OpenSSH's own server, for the current user, with keys of its own, on a free loopback port. */

import { userInfo } from "node:os";
import { startInBackground } from "./background_process.ts";
import { findProgram } from "./find_program.ts";
import { freePort } from "./free_port.ts";
import { runProgram } from "./run.ts";
import { tempDir } from "./temp_dir.ts";

/** The name under which clients know the host's key, whatever port they come by. */
const HOST_ALIAS = "bastion-test-host";

export interface Sshd extends AsyncDisposable {
  readonly port: number;
  /** Whom to sign in as. */
  readonly user: string;
  /** Private key of an account that may enter; its public half stands beside it (`.pub`). */
  readonly identityFile: string;
  /** For ssh, scp and sftp: sign in with that key, check the host's key, ask nothing. */
  readonly clientOptions: readonly string[];
  /** The server's log so far. */
  log(): string;
}

/** Programs that a test with this server needs. */
export const sshdPrograms = ["sshd", "ssh", "ssh-keygen"] as const;

export async function startSshd(): Promise<Sshd> {
  const program = findProgram("sshd");
  if (program === undefined) throw new Error("sshd is not installed (openssh-server)");
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const identityFile = directory.file("identity");
  const hostKey = directory.file("host_key");
  for (const file of [identityFile, hostKey]) {
    const made = await runProgram(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file]);
    if (made.code !== 0) throw new Error(`ssh-keygen failed: ${made.stderr}`);
  }
  const publicHostKey = await Deno.readTextFile(`${hostKey}.pub`);
  await Deno.writeTextFile(directory.file("known_hosts"), `${HOST_ALIAS} ${publicHostKey}`);
  // It separates privileges in this directory, which a package makes only when its service starts.
  if (Deno.uid() === 0) await Deno.mkdir("/run/sshd", { recursive: true, mode: 0o755 });

  const port = freePort();
  const config = directory.file("sshd_config");
  await Deno.writeTextFile(
    config,
    `ListenAddress 127.0.0.1:${port}
HostKey ${hostKey}
AuthorizedKeysFile ${identityFile}.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
PidFile none
PrintMotd no
MaxStartups 1000
MaxSessions 1000
AllowTcpForwarding yes
Subsystem sftp internal-sftp
`,
  );
  const server = stack.use(startInBackground([program, "-D", "-e", "-f", config]));
  await server.output("stderr", /Server listening on 127\.0\.0\.1 port/);
  const owned = stack.move();
  return {
    port,
    user: userInfo().username,
    identityFile,
    clientOptions: [
      ...["-F", "/dev/null", "-i", identityFile],
      ...[
        "IdentitiesOnly=yes",
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        `UserKnownHostsFile=${directory.file("known_hosts")}`,
        "GlobalKnownHostsFile=/dev/null",
        `HostKeyAlias=${HOST_ALIAS}`,
        "ConnectTimeout=30",
      ].flatMap((option) => ["-o", option]),
    ],
    log: server.stderr,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
