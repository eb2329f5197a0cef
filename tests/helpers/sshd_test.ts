import assert from "node:assert/strict";
import { needs } from "./needs.ts";
import { runProgram } from "./run.ts";
import { sshdPrograms, startSshd } from "./sshd.ts";

needs(...sshdPrograms).test("startSshd: a command runs, and its host key is checked", async () => {
  await using server = await startSshd();
  const ssh = (...options: string[]) =>
    runProgram([
      "ssh",
      ...options,
      ...server.clientOptions,
      "-p",
      `${server.port}`,
      `${server.user}@127.0.0.1`,
      "echo hello; exit 7",
    ]);
  assert.deepEqual(await ssh(), { code: 7, stdout: "hello\n", stderr: "" });
  // The first value of an option is the one that ssh takes.
  const stranger = await ssh("-o", "HostKeyAlias=somebody-else");
  assert.equal(stranger.code, 255, stranger.stderr);
  assert.match(stranger.stderr, /Host key verification failed/);
});
