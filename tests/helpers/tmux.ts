/** A real terminal, in tmux, in which a test types and reads the screen as a user would. */

import { eventually } from "./eventually.ts";
import { runProgram, runSuccessfully } from "./run.ts";
import { tempDir } from "./temp_dir.ts";

export interface TmuxOptions {
  /** The whole environment of the shell in it. */
  readonly env: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** A shell runs in it, with `local$ ` for a prompt. */
export interface Tmux extends AsyncDisposable {
  /** Types text as it stands. */
  type(text: string): Promise<void>;
  /** Types a key by its name with tmux: `Enter`, `C-c`. */
  press(key: string): Promise<void>;
  /** Types a line, and Enter. */
  enter(line: string): Promise<void>;
  /** What the screen shows; with `colours` by their escape sequences. */
  screen(options?: { readonly colours?: boolean }): Promise<string>;
  /** Waits until the screen shows it. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  resize(columns: number, rows: number): Promise<void>;
}

/** Milliseconds; the program that is started in it may have to load first. */
const WITHIN = 60_000;

export async function startTmux({ env, columns = 100, rows = 30 }: TmuxOptions): Promise<Tmux> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  // Shells do not take a prompt from the environment.
  await Deno.writeTextFile(directory.file("profile"), "PS1='local$ '\n");
  const tmux = (...words: readonly string[]) =>
    runSuccessfully(["tmux", "-u", "-f", "/dev/null", "-S", directory.file("socket"), ...words], {
      env: { ...env, ENV: directory.file("profile"), LC_ALL: "C.UTF-8" },
      inherit: false,
    });
  await tmux("new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, "exec sh");
  stack.defer(async () => {
    // It ends with its last shell, which a test may have ended.
    await runProgram(["tmux", "-S", directory.file("socket"), "kill-server"]);
  });

  const screen: Tmux["screen"] = async ({ colours = false } = {}) =>
    (await tmux("capture-pane", "-p", ...(colours ? ["-e"] : []))).stdout.trimEnd();
  const type = async (text: string) => void await tmux("send-keys", "-l", "--", text);
  const press = async (key: string) => void await tmux("send-keys", key);
  const shows: Tmux["shows"] = async (pattern) => {
    let seen = "";
    try {
      return await eventually(`${pattern}`, async () => pattern.exec(seen = await screen()), {
        within: WITHIN,
        every: 100,
      });
    } catch (error) {
      throw new Error(`the screen does not show ${pattern}, but:\n${seen}`, { cause: error });
    }
  };
  await shows(/local\$/);
  const owned = stack.move();
  return {
    type,
    press,
    async enter(line) {
      await type(line);
      await press("Enter");
    },
    screen,
    shows,
    resize: async (x, y) => void await tmux("resize-window", "-x", `${x}`, "-y", `${y}`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
