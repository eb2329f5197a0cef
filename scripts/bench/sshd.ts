/** OpenSSH's own server on a loopback port, and how its clients get in. */

export interface BenchSshd extends AsyncDisposable {
  readonly port: number;
  /** For ssh and scp: sign in with the key that may enter, and ask nothing. */
  readonly clientOptions: readonly string[];
}

/** Undefined where OpenSSH's server is not installed. */
export async function startSshd(directory: string): Promise<BenchSshd | undefined> {
  const program = ["/usr/sbin/sshd", "/usr/bin/sshd"].find(exists);
  if (program === undefined) return undefined;
  const [hostKey, identity] = [`${directory}/host_key`, `${directory}/identity`];
  for (const file of [hostKey, identity]) {
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
  }
  // It separates privileges in this directory, which a package makes only when its service starts.
  if (Deno.uid() === 0) await Deno.mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const settings = `ListenAddress 127.0.0.1:${port}
HostKey ${hostKey}
AuthorizedKeysFile ${identity}.pub
StrictModes no
PidFile none
UsePAM no
PrintMotd no
Subsystem sftp internal-sftp
`;
  await Deno.writeTextFile(`${directory}/sshd_config`, settings);
  const child = new Deno.Command(program, {
    args: ["-D", "-e", "-f", `${directory}/sshd_config`],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = child.stderr.getReader();
  let text = "";
  while (!text.includes("Server listening")) {
    const { value, done } = await said.read();
    if (done) throw new Error(`sshd ended: ${text}`);
    text += new TextDecoder().decode(value);
  }
  // What it goes on to say must not fill the pipe.
  const drained = (async () => {
    while (!(await said.read()).done);
  })();
  return {
    port,
    clientOptions: ["-q", "-F", "/dev/null", "-i", identity].concat(
      ["BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=no"].flatMap((one) => [
        ...["-o", one],
      ]),
      ["-o", "UserKnownHostsFile=/dev/null"],
    ),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await drained;
    },
  };
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args: [...args] }).output();
  if (!success) throw new Error(`${program} failed`);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
