/** The program under test, as a process: from source, or compiled. */

import { fileURLToPath } from "node:url";
import { type BackgroundProcess, startInBackground } from "./background_process.ts";
import { eventually } from "./eventually.ts";
import { tempDir } from "./temp_dir.ts";

/** One line of what the program prints with `--json`. */
export type BastionEvent = { readonly event: string; readonly [field: string]: unknown };

export interface BastionProcess extends BackgroundProcess {
  /** Every event so far. */
  events(): BastionEvent[];
  /**
   * The `count`th event (from 1) of that name, waited for.
   * @throws Error with all output, where it does not come in time or the program ends before
   */
  event(name: string, options?: { count?: number; within?: number }): Promise<BastionEvent>;
  /** Where the tunnel listens: the `listening` event's. */
  listening(within?: number): Promise<{ host: string; port: number }>;
}

export interface BastionOptions {
  /** Added to the environment, which is the test's own without what would steer the program. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: "null" | "piped";
  /** The compiled program (BASTION_COMPILED names it) in place of the source. */
  readonly compiled?: boolean;
  /** Words that start it in a certain way, as `setpriv …`; it must become the program itself. */
  readonly by?: readonly string[];
}

/** What a developer's machine may have set, and a test must not depend on. */
const STEERING =
  /^(?:BASTION_.*|AZURE_.*|(?:https?|all|no)_proxy|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|INIT_CWD|CI)$/i;

/** The compiled program, where there is one to test. */
export const compiledProgram = Deno.env.get("BASTION_COMPILED");

/** The words that start the program. */
export function bastionCommand(compiled = false): [string, ...string[]] {
  if (compiled) {
    if (compiledProgram === undefined) throw new Error("BASTION_COMPILED names no program");
    return [compiledProgram];
  }
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
  const options = ["--no-prompt", "-A", "--v8-flags=--max-semi-space-size=2", "--config", config];
  return [Deno.execPath(), "run", ...options, main];
}

/** The environment for the program: `env`, and the test's own without what steers the program. */
export function bastionEnvironment(
  env: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const own = Object.entries(Deno.env.toObject()).filter(([name]) => !STEERING.test(name));
  // Whoever runs the tests may have a config file. (Linux; elsewhere its place follows from the home.)
  // Once a day Deno looks for a newer one, by the user's proxy: no request of ours.
  return {
    ...Object.fromEntries(own),
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    XDG_CONFIG_HOME: "/nonexistent",
    ...env,
  };
}

/** Starts it. Its state (the journal of open sessions) is in a directory of its own. */
export async function startBastion(
  args: readonly string[],
  { env = {}, cwd, stdin = "null", compiled = false, by = [] }: BastionOptions = {},
): Promise<BastionProcess> {
  await using stack = new AsyncDisposableStack();
  const state = stack.use(await tempDir());
  const [program = "", ...words] = [...by, ...bastionCommand(compiled), ...args];
  const process = stack.use(startInBackground([program, ...words], {
    env: bastionEnvironment({ XDG_STATE_HOME: state.path, ...env }),
    ...(cwd === undefined ? {} : { cwd }),
    stdin,
  }));
  let ended = false;
  const watched = process.exit(2 ** 31 - 1).then(() => ended = true);

  const events = () => eventsOf(process.stdout());
  async function event(
    name: string,
    { count = 1, within = 30_000 }: { count?: number; within?: number } = {},
  ): Promise<BastionEvent> {
    const said = () => `\nstdout: ${process.stdout()}\nstderr: ${process.stderr()}`;
    const what = `event ${name}${count > 1 ? ` number ${count}` : ""}`;
    let found: BastionEvent | "ended" | undefined;
    try {
      found = await eventually(
        what,
        () =>
          events().filter((one) => one.event === name)[count - 1] ?? (ended ? "ended" : undefined),
        { within },
      );
    } catch (error) {
      throw new Error(`no ${what} within ${within} ms${said()}`, { cause: error });
    }
    if (found === "ended") throw new Error(`the program ended without ${what}${said()}`);
    return found;
  }

  const owned = stack.move();
  return {
    ...process,
    events,
    event,
    async listening(within) {
      const { host, port } = await event("listening", within === undefined ? {} : { within });
      return { host: String(host), port: Number(port) };
    },
    async [Symbol.asyncDispose]() {
      await owned.disposeAsync();
      await watched;
    },
  };
}

/** The complete lines of `stdout` that are JSON objects with a name. */
export function eventsOf(stdout: string): BastionEvent[] {
  const events: BastionEvent[] = [];
  for (const line of stdout.split("\n").slice(0, -1)) {
    if (!line.startsWith("{")) continue;
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && "event" in value) {
      events.push(value as BastionEvent);
    }
  }
  return events;
}
