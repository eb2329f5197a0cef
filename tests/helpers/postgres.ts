/** A real PostgreSQL, with a cluster of its own, on a free loopback port. */

import { startInBackground } from "./background_process.ts";
import { findProgram } from "./find_program.ts";
import { freePort } from "./free_port.ts";
import { runProgram } from "./run.ts";
import { tempDir } from "./temp_dir.ts";

export interface Postgres extends AsyncDisposable {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** For psql and pgbench: everything but host and port. */
  readonly env: Readonly<Record<string, string>>;
}

/** Programs that a test with this server needs. */
export const postgresPrograms = ["initdb", "postgres", "psql"] as const;

export async function startPostgres(): Promise<Postgres> {
  const [initdb, postgres] = [findProgram("initdb"), findProgram("postgres")];
  if (initdb === undefined || postgres === undefined) {
    throw new Error("PostgreSQL is not installed (postgresql)");
  }
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const user = "bastion";
  const password = crypto.randomUUID();
  const passwordFile = directory.file("password");
  await Deno.writeTextFile(passwordFile, password, { mode: 0o600 });
  // It refuses to run as root; its package brings a user for it.
  const owner = Deno.uid() === 0 ? await idsOf("postgres") : undefined;
  if (owner) {
    for (const path of [directory.path, passwordFile]) await Deno.chown(path, owner.uid, owner.gid);
  }

  const data = directory.file("data");
  const cwd = directory.path;
  const setup = stack.use(startInBackground([
    initdb,
    ...["-D", data, "-U", user, "-A", "scram-sha-256", `--pwfile=${passwordFile}`],
    ...["--locale=C", "--encoding=UTF8", "--no-sync"],
  ], { cwd, ...(owner ?? {}) }));
  const { code } = await setup.exit(120_000);
  if (code !== 0) throw new Error(`initdb failed: ${setup.stdout()}${setup.stderr()}`);

  const port = freePort();
  const settings = {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    fsync: "off",
  };
  const server = stack.use(startInBackground([
    postgres,
    ...["-D", data],
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    // SIGINT is its "fast" end: it does not wait for clients.
  ], { cwd, endSignal: "SIGINT", ...(owner ?? {}) }));
  await server.output("stderr", /database system is ready to accept connections/, 60_000);
  const owned = stack.move();
  return {
    port,
    user,
    password,
    env: { PGUSER: user, PGPASSWORD: password, PGDATABASE: "postgres", PGCONNECT_TIMEOUT: "30" },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function idsOf(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(["-u", "-g"].map(async (what) => {
    const { code, stdout } = await runProgram(["id", what, user]);
    if (code !== 0) throw new Error(`there is no user ${user} to run PostgreSQL as`);
    return Number(stdout);
  }));
  return { uid: uid ?? 0, gid: gid ?? 0 };
}
