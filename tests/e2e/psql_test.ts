/** psql, unmodified, through `bastion tunnel` to a real PostgreSQL. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { withAzure } from "../helpers/emulated_azure.ts";
import { sha256 } from "../helpers/file_tree.ts";
import { needs } from "../helpers/needs.ts";
import { postgresPrograms, startPostgres } from "../helpers/postgres.ts";
import { runSuccessfully } from "../helpers/run.ts";

needs(...postgresPrograms).test("psql loads a table and reads it back, equal by hash", async () => {
  await using postgres = await startPostgres();
  await withAzure({ ports: { 5432: postgres.port } }, async (azure) => {
    const tunnel = await azure.openTunnel(5432);
    azure.addSecret(postgres.password);
    const psql = async (sql: string, options: { stdin?: string; port?: number } = {}) => {
      const { stdin, port = tunnel.port } = options;
      const { stdout } = await runSuccessfully(
        [
          "psql",
          ...["-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"],
          ...["-p", String(port), "-c", sql],
        ],
        { env: postgres.env, ...(stdin === undefined ? {} : { stdin }) },
      );
      return stdout;
    };

    const rows = Array.from({ length: 60_000 }, (_, i) =>
      `${i}\t${createHash("md5").update(`${i}`).digest("hex")}`).join("\n") + "\n";
    await psql("CREATE TABLE t (i int PRIMARY KEY, h text)");
    await psql("COPY t FROM STDIN", { stdin: rows });
    assert.equal(await psql("SELECT count(*) FROM t WHERE md5(i::text) = h"), "60000\n");
    const read = "COPY (SELECT * FROM t ORDER BY i) TO STDOUT";
    const [through, direct] = [await psql(read), await psql(read, { port: postgres.port })];
    assert.equal(sha256(new TextEncoder().encode(through)), sha256(new TextEncoder().encode(rows)));
    assert.equal(through, direct);

    const sums = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        psql(`SELECT sum(i) FROM t WHERE i % 8 = ${i}`)),
    );
    assert.equal(
      sums.reduce((total, sum) =>
        total + Number(sum), 0),
      (60_000 * 59_999) / 2,
    );
  });
});

needs(...postgresPrograms).test(
  "bastion tunnel -- psql: the command's output and exit code",
  async () => {
    await using postgres = await startPostgres();
    await withAzure({ ports: { 5432: postgres.port } }, async (azure) => {
      azure.addSecret(postgres.password);
      const psql = async (sql: string) => {
        const words = ["tunnel", ...azure.targetArgs(5432), "--"];
        const command = ["psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", "{host}"];
        const process = await azure.start(
          [...words, ...command, "-p", "{port}", "-c", sql],
          { env: postgres.env, debug: false },
        );
        const { code } = await process.exit();
        return { code, stdout: process.stdout(), stderr: process.stderr() };
      };
      const good = await psql("SELECT 6 * 7");
      assert.deepEqual({ code: good.code, stdout: good.stdout }, { code: 0, stdout: "42\n" });
      const bad = await psql("SELECT nonsense");
      assert.match(bad.stderr, /column "nonsense" does not exist/);
      assert.equal(bad.code, 1, "psql's own code");
    });
  },
);
