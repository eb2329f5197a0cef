import assert from "node:assert/strict";
import { needs } from "./needs.ts";
import { postgresPrograms, startPostgres } from "./postgres.ts";
import { runProgram } from "./run.ts";

needs(...postgresPrograms).test(
  "startPostgres: answers a query, with the password only",
  async () => {
    await using server = await startPostgres();
    const psql = (env: Readonly<Record<string, string>>) =>
      runProgram(["psql", "-h", "127.0.0.1", "-p", `${server.port}`, "-wAtc", "select 6 * 7"], {
        env,
      });
    assert.deepEqual(await psql(server.env), { code: 0, stdout: "42\n", stderr: "" });
    assert.equal((await psql({ ...server.env, PGPASSWORD: "wrong" })).code, 2);
  },
);
