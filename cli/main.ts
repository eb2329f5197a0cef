/** The program. Alone in reading its arguments and in ending the process. */

// First of all: whatever opens TLS reads it once. Companies that inspect TLS put their CA into the
// system's store, which Deno does not look into by itself; a value of the user's own stays.
if (!Deno.env.get("DENO_TLS_CA_STORE")) Deno.env.set("DENO_TLS_CA_STORE", "system,mozilla");

const { join } = await import("node:path");
const { run } = await import("./run.ts");
const { askpassWords } = await import("./askpass_words.ts");
const { systemClock } = await import("../core/clock.ts");
const { createStandardStream } = await import("./standard_stream.ts");
const { userDirectory } = await import("./user_directory.ts");
const { ignoresHangup } = await import("./hangup.ts");
const { createTerminalPrompt } = await import("./terminal_prompt.ts");

/** Where the sources are; nowhere in a compiled program. */
const source = Deno.build.standalone ? undefined : import.meta.dirname;

/** What Linux tells of this process; nothing elsewhere. */
function processStatus(): string {
  try {
    return Deno.readTextFileSync("/proc/self/status");
  } catch {
    return "";
  }
}

/** Goes where the user is, so that whatever we start is there as well. */
function enterUserDirectory(): string {
  const cwd = Deno.cwd();
  const directory = userDirectory({
    cwd,
    project: source && Deno.realPathSync(join(source, "..")),
    initial: Deno.env.get("INIT_CWD"),
  });
  if (directory === cwd) return cwd;
  // It has been followed; for a program that we start elsewhere it would be wrong.
  Deno.env.delete("INIT_CWD");
  Deno.chdir(directory);
  return directory;
}

/** Whoever leaves in the midst of a question leaves the terminal as it was. */
function restoreTerminal(): void {
  try {
    if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(false);
  } catch {
    // It is gone already.
  }
}

Deno.exit(
  await run({
    args: askpassWords(Deno.args, Deno.build.os, (name) => Deno.env.get(name)),
    env: (name) => Deno.env.get(name),
    os: Deno.build.os,
    arch: Deno.build.arch,
    denoVersion: Deno.version.deno,
    cwd: enterUserDirectory(),
    selfCommand: source === undefined ? [Deno.execPath()] : [
      Deno.execPath(),
      "run",
      "--no-prompt",
      "-A",
      // As deno.json has it; docs/decisions/0010 tells why.
      "--v8-flags=--max-semi-space-size=2",
      "--config",
      join(source, "..", "deno.json"),
      join(source, "main.ts"),
    ],
    clock: systemClock,
    stdout: (onGone) => createStandardStream(Deno.stdout, onGone),
    stderr: createStandardStream(Deno.stderr, () => {}),
    stdinIsTerminal: Deno.stdin.isTerminal(),
    ask: createTerminalPrompt,
    columns: () => Deno.stdout.isTerminal() && Deno.consoleSize().columns || 80,
    listen: (signal, handler) => {
      // `nohup` has asked that a closed terminal be ignored; listening would undo it.
      if (signal === "SIGHUP" && ignoresHangup(processStatus())) return () => {};
      Deno.addSignalListener(signal, handler);
      return () => Deno.removeSignalListener(signal, handler);
    },
    onDefect: (handler) => {
      globalThis.addEventListener("unhandledrejection", (event) => {
        event.preventDefault();
        handler(event.reason, false);
      });
      globalThis.addEventListener("error", (event) => {
        event.preventDefault();
        handler(event.error, true);
      });
    },
    leave: (code) => {
      restoreTerminal();
      Deno.exit(code);
    },
    load: async () => {
      const [app, { defaults }, program, configuration, settings, help] = await Promise.all([
        import("../core/app.ts"),
        import("../plugins/defaults.ts"),
        import("./program.ts"),
        import("./configuration.ts"),
        import("./app_settings.ts"),
        import("./help.ts"),
      ]);
      return { factories: defaults, ...app, ...program, ...configuration, ...settings, help };
    },
  }),
);
