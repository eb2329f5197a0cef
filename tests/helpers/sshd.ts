/** OpenSSH's own server, for the current user, with keys of its own, on a free loopback port. */

import { userInfo } from "node:os";
import { startInBackground } from "./background_process.ts";
import { findProgram } from "./find_program.ts";
import { freePort } from "./free_port.ts";
import { canUnshare, withFileInPlaceOf } from "./namespaces.ts";
import { runProgram, runSuccessfully } from "./run.ts";
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

export interface SshdOptions {
  /** The user's password on this server alone, and how the server asks for it. */
  readonly password?: { readonly value: string; readonly by: "password" | "keyboard-interactive" };
  /** Accepts certificates of this authority (one line) for a user of this name, who exists here alone. */
  readonly certificates?: { readonly authority: string; readonly user: string };
  /** Runs this in place of every command and subsystem. */
  readonly forceCommand?: string;
  /** A free one of its own where it is left out. */
  readonly port?: number;
  /** Uses these keys of the host's, in place of one of its own. */
  readonly hostKey?: string;
  /** Shows these keys as well. */
  readonly moreHostKeys?: readonly string[];
}

/** Whether a server can have users and passwords of its own: a mount covers what the system knows. */
export function canHaveUsers(): boolean {
  return Deno.build.os === "linux" && Deno.uid() === 0 && canUnshare("mount") &&
    findProgram("openssl") !== undefined;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const { password, certificates, forceCommand = "none", hostKey: given } = options;
  const { moreHostKeys = [], port = freePort() } = options;
  const program = findProgram("sshd");
  if (program === undefined) throw new Error("sshd is not installed (openssh-server)");
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const identityFile = directory.file("identity");
  const hostKey = given ?? directory.file("host_key");
  for (const file of given ? [identityFile] : [identityFile, hostKey]) {
    const made = await runProgram(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file]);
    if (made.code !== 0) throw new Error(`ssh-keygen failed: ${made.stderr}`);
  }
  const publicHostKey = await Deno.readTextFile(`${hostKey}.pub`);
  await Deno.writeTextFile(directory.file("known_hosts"), `${HOST_ALIAS} ${publicHostKey}`);
  // It separates privileges in this directory, which a package makes only when its service starts.
  if (Deno.uid() === 0) await Deno.mkdir("/run/sshd", { recursive: true, mode: 0o755 });

  const config = directory.file("sshd_config");
  await Deno.writeTextFile(
    config,
    `ListenAddress 127.0.0.1:${port}
${[hostKey, ...moreHostKeys].map((file) => `HostKey ${file}`).join("\n")}
AuthorizedKeysFile ${certificates ? "none" : `${identityFile}.pub`}
TrustedUserCAKeys ${certificates ? directory.file("user_ca.pub") : "none"}
PasswordAuthentication ${yes(password?.by === "password")}
KbdInteractiveAuthentication ${yes(password?.by === "keyboard-interactive")}
PermitRootLogin ${password ? "yes" : "prohibit-password"}
UsePAM ${yes(password?.by === "keyboard-interactive")}
StrictModes no
PidFile none
PrintMotd no
MaxStartups 1000
MaxSessions 1000
AllowTcpForwarding yes
Subsystem sftp internal-sftp
ForceCommand ${forceCommand}
`,
  );
  const command = [program, "-D", "-e", "-f", config];
  const covers: string[] = [];
  if (password) {
    const shadow = await shadowWith(password.value, directory.file("shadow"));
    covers.push(...withFileInPlaceOf("/etc/shadow", shadow));
  }
  if (certificates) {
    await Deno.writeTextFile(directory.file("user_ca.pub"), `${certificates.authority}\n`);
    const users = await usersWith(certificates.user, directory.file("passwd"));
    covers.push(...withFileInPlaceOf("/etc/passwd", users));
  }
  const [first = program, ...others] = [...covers, ...command];
  const server = stack.use(startInBackground([first, ...others]));
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

function yes(value: boolean): string {
  return value ? "yes" : "no";
}

/** The system's table of passwords, with `password` for the current user; only that server sees it. */
async function shadowWith(password: string, file: string): Promise<string> {
  const { stdout } = await runSuccessfully(["openssl", "passwd", "-6", "-stdin"], {
    stdin: `${password}\n`,
  });
  const { username } = userInfo();
  const others = (await Deno.readTextFile("/etc/shadow")).split("\n")
    .filter((line) => line !== "" && !line.startsWith(`${username}:`));
  const lines = [`${username}:${stdout.trim()}:19000:0:99999:7:::`, ...others];
  await Deno.writeTextFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return file;
}

/** The system's table of users, with one more who is the current user by another name. */
async function usersWith(name: string, file: string): Promise<string> {
  const { uid, gid, homedir } = userInfo();
  const users = await Deno.readTextFile("/etc/passwd");
  await Deno.writeTextFile(
    file,
    `${users.trimEnd()}\n${name}:*:${uid}:${gid}::${homedir}:/bin/sh\n`,
  );
  return file;
}
