/** Twenty `bastion ssh` at once, with either client. */

import assert from "node:assert/strict";
import { withSsh } from "../helpers/bastion_ssh.ts";
import { needs } from "../helpers/needs.ts";
import { runProgram } from "../helpers/run.ts";
import { sshdPrograms } from "../helpers/sshd.ts";

const COUNT = 20;

for (const client of ["native", "builtin"]) {
  needs(...sshdPrograms).test(
    `${client}: ${COUNT} sessions at once, each with its own output`,
    () =>
      withSsh(async ({ azure, launcher: { path, env }, sshd }) => {
        const key = ["--auth-type", "ssh-key", "-l", sshd.user, "-i", sshd.identityFile];
        const runs = await Promise.all(Array.from({ length: COUNT }, async (_, i) => {
          const command = `echo out-${i}; echo err-${i} >&2; exit ${i}`;
          const { code, stdout, stderr } = await runProgram(
            [path, "ssh", "--client", client, ...key, "web1", command],
            { env, inherit: false, timeout: 240_000 },
          );
          return { code, stdout, complained: new RegExp(`^err-${i}$`, "m").test(stderr) };
        }));
        const expected = runs.map((_, i) => ({ code: i, stdout: `out-${i}\n`, complained: true }));
        assert.deepEqual(runs, expected);
        const { sessionsIssued, outstandingSessions } = azure.emulator.stats();
        assert.deepEqual([sessionsIssued, outstandingSessions], [COUNT, 0]);
      }),
  );
}
