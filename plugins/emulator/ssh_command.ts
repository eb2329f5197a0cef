/** Runs a command or a shell for an SSH channel, as the current user. */

import { spawn } from "node:child_process";
// @ts-types="@types/ssh2"
import type { ServerChannel } from "ssh2";

export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** As in TERM. */
  readonly name: string;
}

export interface ChannelCommand {
  /** A shell where there is none. */
  readonly command: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  /** Working directory. */
  readonly home: string;
  readonly terminal: Terminal | undefined;
}

/** The result ends the command, if it still runs. */
export function runForChannel(channel: ServerChannel, what: ChannelCommand): () => void {
  const isWindows = Deno.build.os === "windows";
  const [program, args] = isWindows ? windowsCommand(what) : posixCommand(what);
  const child = spawn(program, args, {
    cwd: what.home,
    env: {
      ...Deno.env.toObject(),
      ...what.env,
      ...(what.terminal && { TERM: what.terminal.name }),
    },
    stdio: "pipe",
    windowsVerbatimArguments: true,
    // A group of its own, so that what the command started ends with it.
    detached: !isWindows,
  });
  let isRunning = true;
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  // A command that does not read its input to the end.
  child.stdin.on("error", () => {});
  channel.on("error", () => {});
  child.on("error", () => {
    isRunning = false;
    channel.exit(127);
    channel.end();
  });
  child.on("close", (code, signal) => {
    isRunning = false;
    if (signal) channel.exit(signal);
    else channel.exit(code ?? 255);
    channel.end();
  });
  return () => {
    if (!isRunning || child.pid === undefined) return;
    try {
      if (isWindows) child.kill();
      else Deno.kill(-child.pid, "SIGHUP");
    } catch {
      // It has just ended.
    }
  };
}

function windowsCommand({ command }: ChannelCommand): [string, string[]] {
  return ["cmd.exe", command === undefined ? ["/d", "/q"] : ["/d", "/s", "/c", `"${command}"`]];
}

/** A terminal is `script`'s: there is no other way to one without native code. */
function posixCommand({ command, terminal }: ChannelCommand): [string, string[]] {
  const shell = Deno.env.get("SHELL") ?? "/bin/sh";
  if (!terminal) return command === undefined ? [shell, []] : ["/bin/sh", ["-c", command]];
  const size = `stty rows ${terminal.rows} cols ${terminal.columns} 2>/dev/null; `;
  const inside = `${size}${command ?? `exec '${shell.replaceAll("'", "'\\''")}' -i`}`;
  return Deno.build.os === "linux"
    ? ["script", ["-q", "-e", "-f", "-c", inside, "/dev/null"]]
    : ["script", ["-q", "/dev/null", "/bin/sh", "-c", inside]];
}
