/** OpenSSH's own programs against the emulator's SSH server, without a tunnel in between. */

import assert from "node:assert/strict";
import { createSshLogin } from "../../plugins/emulator/ssh_login.ts";
import { openSshServer } from "../../plugins/emulator/ssh_server.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { tempDir } from "../helpers/temp_dir.ts";
import { testSsh2 } from "../helpers/test_ssh2.ts";

interface OpenSsh {
  /** Runs a shell script; `$O` stands for the options, `$P` for the port, `$D` for a directory. */
  sh(script: string): Promise<{ code: number; stdout: string; stderr: string }>;
  readonly home: string;
  /** What was wrong with certificates. */
  readonly problems: readonly string[];
  readonly directory: string;
}

/** @param authority whose certificates the server believes; that of nobody */
async function withServer(
  body: (openSsh: OpenSsh) => Promise<void>,
  authority = "ssh-ed25519 AAAA",
): Promise<void> {
  await using directory = await tempDir();
  const home = directory.file("home");
  await Deno.mkdir(home);
  const problems: string[] = [];
  const login = createSshLogin({
    authority,
    now: Date.now,
    onRefusedCertificate: (problem) => problems.push(problem),
  });
  await Deno.writeTextFile(directory.file("key"), login.privateKey, { mode: 0o600 });
  await Deno.writeTextFile(directory.file("known_hosts"), `vm ${login.hostPublicKey}\n`);
  const server = await openSshServer({
    login,
    home,
    addressOf: () => undefined,
    ownNames: [],
  });
  const options = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    "HostKeyAlias=vm",
    `UserKnownHostsFile=${directory.file("known_hosts")}`,
    "IdentitiesOnly=yes",
    `IdentityFile=${directory.file("key")}`,
  ].map((option) => `-o ${option}`).join(" ");
  try {
    await body({
      home,
      problems,
      directory: directory.path,
      async sh(script) {
        const { code, stdout, stderr } = await new Deno.Command("sh", {
          args: ["-c", script],
          env: { O: options, P: String(server.port), D: directory.path },
          stdin: "null",
          signal: AbortSignal.timeout(60_000),
        }).output();
        const decoder = new TextDecoder();
        return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
      },
    });
  } finally {
    await server.close();
  }
}

testSsh2(["ssh"], "ssh runs commands, with a terminal and without", async () => {
  await withServer(async ({ sh }) => {
    const plain = await sh("ssh $O -p $P demo@127.0.0.1 'echo out; echo err >&2; exit 3'");
    assert.deepEqual(plain, { code: 3, stdout: "out\n", stderr: "err\n" });
    const shell = await sh("printf 'echo $((6*7)); exit 6\\n' | ssh $O -T -p $P demo@127.0.0.1");
    assert.deepEqual([shell.code, shell.stdout], [6, "42\n"]);
    const stranger = await sh("ssh $O -p $P root@127.0.0.1 true");
    assert.equal(stranger.code, 255);
    assert.match(stranger.stderr, /Permission denied/);
  });
});

testSsh2(["ssh", "script"], "ssh -t has a terminal", async () => {
  await withServer(async ({ sh }) => {
    const { code, stdout } = await sh("ssh $O -tt -p $P demo@127.0.0.1 'tty; exit 4'");
    assert.equal(code, 4);
    assert.match(stdout, /^\/dev\//);
  });
});

testSsh2(["ssh", "scp"], "scp copies both ways, by SFTP and by its old protocol", async () => {
  await withServer(async ({ sh, directory, home }) => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_536));
    const file = new Uint8Array(20 * bytes.length);
    for (let i = 0; i < 20; i++) file.set(bytes, i * bytes.length);
    await Deno.writeFile(`${directory}/file`, file);
    for (const protocol of ["-s", "-O"]) {
      const { code, stderr } = await sh(
        `scp ${protocol} $O -P $P $D/file demo@127.0.0.1:up && ` +
          `scp ${protocol} $O -P $P demo@127.0.0.1:up $D/down`,
      );
      assert.deepEqual([code, stderr], [0, ""], protocol);
      assert.deepEqual(await Deno.readFile(`${home}/up`), file);
      assert.deepEqual(await Deno.readFile(`${directory}/down`), file);
      await Deno.remove(`${home}/up`);
      await Deno.remove(`${directory}/down`);
    }
  });
});

testSsh2(["ssh", "sftp"], "sftp works within its root, and cannot leave it", async () => {
  await withServer(async ({ sh, directory, home }) => {
    await Deno.writeTextFile(`${directory}/file`, "hello");
    await Deno.symlink("/etc", `${home}/out`);
    const script = [
      "mkdir d",
      "cd d",
      "put FILE x",
      "rename x y",
      "chmod 600 y",
      "ls -la",
      "get y DOWN",
      "-get /out/passwd STOLEN",
      "-get ../../../../etc/passwd STOLEN",
      "-put FILE /out/planted",
      "rm y",
      "cd /",
      "rmdir d",
      "pwd",
    ].join("\n").replaceAll("FILE", `${directory}/file`).replaceAll("DOWN", `${directory}/down`)
      .replaceAll("STOLEN", `${directory}/stolen`);
    await Deno.writeTextFile(`${directory}/script`, script);
    const { code, stdout, stderr } = await sh("sftp -b $D/script $O -P $P demo@127.0.0.1");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Remote working directory: \/\n/);
    assert.match(stdout, /-rw------- 1 demo demo +5 .* y\n/);
    assert.equal(await Deno.readTextFile(`${directory}/down`), "hello");
    await assert.rejects(Deno.stat(`${directory}/stolen`), Deno.errors.NotFound);
    assert.match(stderr, /ermission denied/);
  });
});

/** What `ssh-keygen -s` is told, and why the door stays shut; the principal is `ada@emulator.test`. */
const certified: readonly {
  readonly what: string;
  readonly words?: readonly string[];
  readonly authority?: "stranger";
  readonly user?: string;
  readonly option?: string;
  readonly refused?: RegExp;
}[] = [
  { what: "of the known authority" },
  { what: "for ever", words: ["-V", "always:forever"] },
  { what: "that a stranger has signed", authority: "stranger", refused: /not trusted/ },
  { what: "that has ended", words: ["-V", "-2h:-1h"], refused: /any more/ },
  { what: "of tomorrow", words: ["-V", "+1d:+2d"], refused: /valid yet/ },
  { what: "of somebody else", user: "bob", refused: /another user/ },
  { what: "for one command alone", words: ["-O", "force-command=true"], refused: /options/ },
  {
    what: "for one network alone",
    words: ["-O", "source-address=127.0.0.0/8"],
    refused: /options/,
  },
  {
    what: "with a demand that is new",
    words: ["-O", "critical:x@example.test"],
    refused: /options/,
  },
  {
    what: "by which the client signs with SHA-1",
    option: "-o PubkeyAcceptedAlgorithms=ssh-rsa-cert-v01@openssh.com",
    refused: /algorithm/,
  },
];

for (
  const { what, words = [], authority, user = "ada@emulator.test", option = "", refused }
    of certified
) {
  const name = `a certificate ${what}: ${refused ? "stays out" : "enters"}`;
  testSsh2(["ssh", "ssh-keygen"], name, async () => {
    await using made = await tempDir();
    const keygen = (...args: string[]) => runSuccessfully(["ssh-keygen", "-q", ...args]);
    for (const one of ["known", "stranger"]) {
      await keygen("-t", "ed25519", "-N", "", "-f", made.file(one));
    }
    await keygen("-t", "rsa", "-b", "2048", "-N", "", "-f", made.file("key"));
    const signed = ["-s", made.file(authority ?? "known"), "-I", "id", "-n", "ada@emulator.test"];
    await keygen(...signed, ...words, made.file("key.pub"));
    const [key, certificate] = [made.file("key"), made.file("key-cert.pub")];
    const files = `-o IdentityFile=${key} -o CertificateFile=${certificate}`;
    await withServer(async ({ sh, problems }) => {
      const { code, stdout, stderr } = await sh(
        `ssh ${files} ${option} $O -p $P -l ${user} 127.0.0.1 echo in`,
      );
      if (refused) {
        assert.equal(code, 255);
        assert.match(stderr, /Permission denied \(publickey,password\)/);
        assert.match(problems.join("; "), refused);
      } else {
        assert.deepEqual(
          { code, stdout, problems },
          { code: 0, stdout: "in\n", problems: [] },
          stderr,
        );
      }
    }, (await Deno.readTextFile(made.file("known.pub"))).trim());
  });
}
