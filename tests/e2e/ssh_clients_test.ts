/** OpenSSH's clients, rsync and git, unmodified, through `bastion` to a real sshd. */

import assert from "node:assert/strict";
import { startInBackground } from "../helpers/background_process.ts";
import { withoutCloudNotice } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { describeTree, randomBytes, sha256OfFile, writeDeep } from "../helpers/file_tree.ts";
import { freePort } from "../helpers/free_port.ts";
import { needs } from "../helpers/needs.ts";
import { runProgram, runSuccessfully } from "../helpers/run.ts";
import { sshdPrograms } from "../helpers/sshd.ts";
import { byConfig, byProxy, byTunnel } from "../helpers/ssh_way.ts";

const SIZE = 8 * 1024 ** 2;

/** `ssh` with its options, for programs that start it. */
function sshCommand(options: readonly string[]): string {
  return ["ssh", ...options].map((word) => `'${word}'`).join(" ");
}

const WAYS = [
  ["tunnel", byTunnel],
  ["ProxyCommand", byProxy],
  ["an installed ssh-config", byConfig],
] as const;

for (const [way, bySsh] of WAYS) {
  needs(...sshdPrograms).test(
    `ssh by ${way}: exit code, both outputs, and nothing of ours among them`,
    () =>
      bySsh(async ({ options, login, env }) => {
        const { code, stdout, stderr } = await runProgram(
          ["ssh", ...options, login, "echo out; echo err >&2; exit 7"],
          { env },
        );
        assert.deepEqual(
          { code, stdout, stderr: withoutCloudNotice(stderr) },
          { code: 7, stdout: "out\n", stderr: "err\n" },
        );
      }),
  );

  needs(...sshdPrograms).test(
    `ssh by ${way} carries binary stdin and stdout unchanged`,
    () =>
      bySsh(async ({ azure, options, login, env }) => {
        const [sent, received] = [azure.file("sent"), azure.file("received")];
        await Deno.writeFile(sent, randomBytes(SIZE));
        await runSuccessfully([
          "sh",
          "-c",
          'in=$1; out=$2; shift 2; exec ssh "$@" cat < "$in" > "$out"',
          ...["sh", sent, received, ...options, login],
        ], { env });
        assert.equal(await sha256OfFile(received), await sha256OfFile(sent));
      }),
  );

  needs(...sshdPrograms, "scp").test(
    `scp by ${way} copies files and trees there and back`,
    () =>
      bySsh(async ({ azure, options, login, env }) => {
        const copy = (...words: string[]) =>
          runSuccessfully(["scp", "-q", ...options, ...words], { env });
        const files = ["sent", "there", "back"].map((name) => azure.file(name));
        const [sent = "", there = "", back = ""] = files;
        await Deno.writeFile(sent, randomBytes(SIZE));
        await copy(sent, `${login}:${there}`);
        await copy(`${login}:${there}`, back);
        const [hash, ...others] = await Promise.all(files.map(sha256OfFile));
        assert.deepEqual(others, [hash, hash]);

        const trees = ["tree", "tree-there", "tree-back"].map((name) => azure.file(name));
        const [tree = "", treeThere = "", treeBack = ""] = trees;
        for (let i = 0; i < 20; i++) {
          await writeDeep(`${tree}/folder ${i % 3}/file ä ${i}`, randomBytes(i * 997));
        }
        await writeDeep(`${tree}/big`, randomBytes(SIZE));
        await copy("-r", tree, `${login}:${treeThere}`);
        await copy("-r", `${login}:${treeThere}`, treeBack);
        assert.deepEqual(await describeTree(treeBack), await describeTree(tree));
      }),
  );

  needs(...sshdPrograms, "sftp").test(
    `sftp by ${way} works through a batch of commands`,
    () =>
      bySsh(async ({ azure, options, login, env }) => {
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
          env,
          stdin: `${batch.join("\n")}\n`,
        });
        assert.match(stdout, /^.*\/two$/m);
        assert.equal(await sha256OfFile(azure.file("back")), await sha256OfFile(sent));
        await assert.rejects(Deno.stat(folder), Deno.errors.NotFound);
      }),
  );

  needs(...sshdPrograms, "rsync").test(
    `rsync -a --delete by ${way} makes a tree the same, twice`,
    () =>
      bySsh(async ({ azure, options, login, env }) => {
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
            ...["-a", "--delete", "-e", sshCommand(options)],
            `${from}/`,
            `${login}:${to}/`,
          ], { env });
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
    `git by ${way} clones and pushes`,
    () =>
      bySsh(async ({ azure, options, login, env: own }) => {
        const env = {
          ...own,
          GIT_SSH_COMMAND: sshCommand(options),
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
        const url = `ssh://${login}${origin}`;

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
}

needs(...sshdPrograms).test(
  "ssh refuses a host whose key is not the known one",
  () =>
    byTunnel(async ({ azure, options, login }) => {
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

needs(...sshdPrograms).test(
  "Microsoft's recipe: many SSH sessions through one forwarded port",
  () =>
    byTunnel(async ({ azure, tunnel, options, login, sshd }) => {
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
