/**
 * The compiled program, where there is one (BASTION_COMPILED names it). It may carry an older
 * runtime than the one that it is written for: docs/decisions/0005 lists what that cannot do.
 */

import assert from "node:assert/strict";
import { bastionEnvironment, compiledProgram } from "../helpers/bastion_process.ts";
import { withAzure } from "../helpers/emulated_azure.ts";
import { randomBytes, sha256OfFile } from "../helpers/file_tree.ts";
import { findProgram } from "../helpers/find_program.ts";
import { startReplyServer } from "../helpers/http_servers.ts";
import { needsThat } from "../helpers/needs.ts";
import { runProgram, runSuccessfully } from "../helpers/run.ts";
import { sshdPrograms, startSshd } from "../helpers/sshd.ts";
import { tempDir } from "../helpers/temp_dir.ts";

const compiled = needsThat(compiledProgram !== undefined, "BASTION_COMPILED");
const compiledAndSsh = needsThat(
  compiledProgram !== undefined && sshdPrograms.every((name) => findProgram(name)),
  `BASTION_COMPILED, or one of ${sshdPrograms.join(", ")}`,
);

async function runCompiled(...args: string[]) {
  await using state = await tempDir();
  return await runProgram([compiledProgram ?? "", ...args], {
    env: bastionEnvironment({ XDG_STATE_HOME: state.path }),
    inherit: false,
  });
}

compiled.test("compiled: --version and --help", async () => {
  const shown = await runCompiled("--version");
  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^bastion \d+\.\d+\.\d+\n$/);
  const help = await runCompiled("--help");
  assert.equal(help.code, 0, help.stderr);
  for (const command of ["tunnel", "emulator"]) assert.match(help.stdout, new RegExp(command));
  assert.equal((await runCompiled("tunnel", "--nonsense")).code, 2);
});

compiledAndSsh.test("compiled: ssh through its tunnel, binary data and exit code", async () => {
  await using sshd = await startSshd();
  await withAzure({ ports: { 22: sshd.port } }, async (azure) => {
    const tunnel = await azure.openTunnel(22, [], { compiled: true });
    const [sent, received] = [azure.file("sent"), azure.file("received")];
    await Deno.writeFile(sent, randomBytes(8 * 1024 ** 2));
    const ssh = [
      ...sshd.clientOptions,
      ...["-o", `Port=${tunnel.port}`, `${sshd.user}@127.0.0.1`],
    ];
    await runSuccessfully([
      "sh",
      "-c",
      'in=$1; out=$2; shift 2; exec ssh "$@" cat < "$in" > "$out"',
      ...["sh", sent, received, ...ssh],
    ]);
    assert.equal(await sha256OfFile(received), await sha256OfFile(sent));
    assert.equal((await runProgram(["ssh", ...ssh, "exit 7"])).code, 7);
  });
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  compiled.test(`compiled: ${signal} with connections open: exit code 0, sessions deleted`, async () => {
    await using server = startReplyServer(randomBytes(1000));
    await withAzure({ ports: { 9000: server.port } }, async (azure) => {
      const tunnel = await azure.openTunnel(9000, [], { compiled: true });
      const conns = await Promise.all(Array.from({ length: 10 }, () => tunnel.connect()));
      await tunnel.event("connection-opened", { count: 10 });
      tunnel.signal(signal);
      assert.equal((await tunnel.exit()).code, 0);
      for (const conn of conns) conn.close();
      const { tokenPosts, tokenDeletes } = azure.emulator.stats();
      assert.deepEqual({ tokenPosts, tokenDeletes }, { tokenPosts: 10, tokenDeletes: 10 });
    });
  });
}

compiled.test("compiled: errors have their codes, the libraries inside work", () =>
  withAzure({}, async (azure) => {
    const words = ["tunnel", "--json", "--name", "nowhere", "--resource-group", "net"];
    const target = ["--target-resource-id", azure.vmId, "--resource-port", "22"];
    const tunnel = await azure.start([...words, ...target], { compiled: true });
    assert.equal((await tunnel.exit()).code, 6);
    assert.equal((await tunnel.event("error"))["code"], "host-not-found");
  }));

compiled.test("compiled: the emulator inside runs a command, with this bastion on its PATH", async () => {
  const script = 'bastion --version && test -s "$REQUESTS_CA_BUNDLE" && exit 5';
  const { code, stdout, stderr } = await runCompiled("emulator", "exec", "--", "sh", "-c", script);
  assert.equal(code, 5, stderr);
  assert.equal(stdout, (await runCompiled("--version")).stdout);
});
