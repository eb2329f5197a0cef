/** OpenSSH's clients, rsync and git, unmodified, through `bastion tunnel` to a real sshd. */

import assert from "node:assert/strict";
import { startInBackground } from "../helpers/background_process.ts";
import { type EmulatedAzure, type OpenTunnel, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { describeTree, randomBytes, sha256OfFile, writeDeep } from "../helpers/file_tree.ts";
import { freePort } from "../helpers/free_port.ts";
import { needs } from "../helpers/needs.ts";
import { runProgram, runSuccessfully } from "../helpers/run.ts";
import { type Sshd, sshdPrograms, startSshd } from "../helpers/sshd.ts";

interface SshWay {
  readonly azure: EmulatedAzure;
  readonly tunnel: OpenTunnel;
  readonly sshd: Sshd;
  /** Options that OpenSSH's clients share, the tunnel's port among them. */
  readonly options: readonly string[];
  /** `user@127.0.0.1`. */
  readonly login: string;
}

/** A tunnel to port 22 of the VM, where a real sshd is. */
async function withSsh(body: (way: SshWay) => Promise<void>): Promise<void> {
  await using sshd = await startSshd();
  await withAzure({ ports: { 22: sshd.port } }, async (azure) => {
    const tunnel = await azure.openTunnel(22);
    const options = [...sshd.clientOptions, "-o", `Port=${tunnel.port}`];
    try {
      await body({ azure, tunnel, sshd, options, login: `${sshd.user}@127.0.0.1` });
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\nsshd: ${sshd.log()}`, {
        cause: error,
      });
    }
  });
}

const SIZE = 8 * 1024 ** 2;

needs(...sshdPrograms).test(
  "ssh runs a command, and ends with its exit code",
  () =>
    withSsh(async ({ options, login }) => {
      const { code, stdout, stderr } = await runProgram([
        "ssh",
        ...options,
        login,
        "echo out; echo err >&2; exit 7",
      ]);
      assert.deepEqual({ code, stdout, stderr }, { code: 7, stdout: "out\n", stderr: "err\n" });
    }),
);

needs(...sshdPrograms).test(
  "ssh carries binary stdin and stdout unchanged",
  () =>
    withSsh(async ({ azure, options, login }) => {
      const [sent, received] = [azure.file("sent"), azure.file("received")];
      await Deno.writeFile(sent, randomBytes(SIZE));
      await runSuccessfully([
        "sh",
        "-c",
        'in=$1; out=$2; shift 2; exec ssh "$@" cat < "$in" > "$out"',
        ...["sh", sent, received, ...options, login],
      ]);
      assert.equal(await sha256OfFile(received), await sha256OfFile(sent));
    }),
);

needs(...sshdPrograms).test(
  "ssh refuses a host whose key is not the known one",
  () =>
    withSsh(async ({ azure, options, login }) => {
      const known = azure.file("known_hosts");
      const made = azure.file("other_key");
      await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made]);
      await Deno.writeTextFile(
        known,
        `bastion-test-host ${await Deno.readTextFile(`${made}.pub`)}`,
      );
      // The first value of an option counts.
      const { code, stderr } = await runProgram([
        "ssh",
        ...["-o", `UserKnownHostsFile=${known}`],
        ...options,
        login,
        "true",
      ]);
      assert.equal(code, 255);
      assert.match(stderr, /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/);
    }),
);

needs(...sshdPrograms, "scp").test(
  "scp copies a file there and back",
  () =>
    withSsh(async ({ azure, options, login }) => {
      const files = ["sent", "there", "back"].map((name) => azure.file(name));
      const [sent = "", there = "", back = ""] = files;
      await Deno.writeFile(sent, randomBytes(SIZE));
      await runSuccessfully(["scp", "-q", ...options, sent, `${login}:${there}`]);
      await runSuccessfully(["scp", "-q", ...options, `${login}:${there}`, back]);
      const [hash, ...others] = await Promise.all(files.map(sha256OfFile));
      assert.deepEqual(others, [hash, hash]);
    }),
);

needs(...sshdPrograms, "sftp").test(
  "sftp works through a batch of commands",
  () =>
    withSsh(async ({ azure, options, login }) => {
      const folder = azure.file("sftp");
      const sent = azure.file("sent");
      await Deno.writeFile(sent, randomBytes(SIZE));
      const batch = [
        `mkdir ${folder}`,
        `put ${sent} ${folder}/one`,
        `rename ${folder}/one ${folder}/two`,
        `get ${folder}/two ${azure.file("back")}`,
        `ls -1 ${folder}`,
        `rm ${folder}/two`,
        `rmdir ${folder}`,
      ];
      const { stdout } = await runSuccessfully(["sftp", "-b", "-", ...options, login], {
        stdin: `${batch.join("\n")}\n`,
      });
      assert.match(stdout, /^.*\/two$/m);
      assert.equal(await sha256OfFile(azure.file("back")), await sha256OfFile(sent));
      await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
    }),
);

needs(...sshdPrograms, "rsync").test(
  "rsync -a --delete makes a tree the same, twice",
  () =>
    withSsh(async ({ azure, options, login }) => {
      const [from, to] = [azure.file("from"), azure.file("to")];
      for (let i = 0; i < 150; i++) {
        const name = `${from}/folder ${i % 7}/sub-${i % 3}/file ä ${i}`;
        await writeDeep(name, randomBytes(i * 97));
      }
      await writeDeep(`${from}/big`, randomBytes(SIZE));
      await Deno.symlink("big", `${from}/link`);
      await Deno.chmod(`${from}/big`, 0o640);
      const copy = () =>
        runSuccessfully([
          "rsync",
          ...["-a", "--delete", "-e", ["ssh", ...options].join(" ")],
          `${from}/`,
          `${login}:${to}/`,
        ]);
      await copy();
      assert.deepEqual(await describeTree(to), await describeTree(from));

      await Deno.remove(`${from}/folder 3`, { recursive: true });
      await writeDeep(`${from}/folder 1/new`, randomBytes(1000));
      using big = await Deno.open(`${from}/big`, { write: true });
      await big.seek(SIZE / 2, Deno.SeekMode.Start);
      await big.write(randomBytes(5000));
      // A file of the same size and second counts as unchanged with rsync.
      await big.truncate(SIZE + 1);
      await copy();
      assert.deepEqual(await describeTree(to), await describeTree(from));
    }),
);

needs(...sshdPrograms, "git").test(
  "git clones and pushes",
  () =>
    withSsh(async ({ azure, tunnel, options, login }) => {
      const env = {
        GIT_SSH_COMMAND: ["ssh", ...options].join(" "),
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_AUTHOR_NAME: "Test",
        GIT_AUTHOR_EMAIL: "test@example.test",
        GIT_COMMITTER_NAME: "Test",
        GIT_COMMITTER_EMAIL: "test@example.test",
      };
      const git = async (...args: string[]) =>
        (await runSuccessfully(["git", ...args], { env })).stdout.trim();
      const [origin, first, second] = ["origin.git", "first", "second"].map((n) => azure.file(n));
      if (!origin || !first || !second) throw new Error("three paths");
      await git("init", "-q", "--bare", "-b", "main", origin);
      const url = `ssh://${login}:${tunnel.port}${origin}`;

      await git("clone", "-q", url, first);
      await writeDeep(`${first}/deep/file`, randomBytes(SIZE / 2));
      await git("-C", first, "add", "-A");
      await git("-C", first, "commit", "-q", "-m", "one");
      await git("-C", first, "push", "-q", "origin", "HEAD:main");
      await git("clone", "-q", url, second);
      await git("-C", second, "fsck", "--strict");
      assert.equal(
        await git("-C", second, "rev-parse", "HEAD"),
        await git("-C", first, "rev-parse", "HEAD"),
      );
      assert.equal(
        await sha256OfFile(`${second}/deep/file`),
        await sha256OfFile(`${first}/deep/file`),
      );
    }),
);

needs(...sshdPrograms).test(
  "Microsoft's recipe: many SSH sessions through one forwarded port",
  () =>
    withSsh(async ({ azure, tunnel, options, login, sshd }) => {
      const port = freePort();
      await using forward = startInBackground([
        "ssh",
        ...[...options, "-o", "ExitOnForwardFailure=yes", "-v"],
        ...["-N", "-L", `${port}:127.0.0.1:${sshd.port}`, login],
      ]);
      await forward.output("stderr", /Local forwarding listening on 127\.0\.0\.1 port/);
      const inner = [...sshd.clientOptions, "-o", `Port=${port}`];
      const sent = azure.file("sent");
      await Deno.writeFile(sent, randomBytes(SIZE / 4));
      await Promise.all(Array.from({ length: 6 }, async (_, i) => {
        const marker = `session-${i}`;
        const { stdout } = await runSuccessfully(["ssh", ...inner, login, `echo ${marker}`]);
        assert.equal(stdout, `${marker}\n`);
        const back = azure.file(`back-${i}`);
        await runSuccessfully(["scp", "-q", ...inner, `${login}:${sent}`, back]);
        assert.equal(await sha256OfFile(back), await sha256OfFile(sent));
      }));
      await tunnel.event("connection-opened");
      assert.equal(azure.emulator.stats().tokenPosts, 1, "all of it is one connection of ours");
      await using _ended = forward;
      forward.signal("SIGTERM");
      await eventually(
        "its end",
        () => tunnel.events().some((e) => e.event === "connection-closed"),
      );
    }),
);
