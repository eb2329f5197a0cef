/** The channel of a shell or a command, with a terminal on the VM where there is one here. */

import type { ClientChannel, PseudoTtyOptions } from "ssh2";
import type { CommandContext, SshChannel, TerminalSize } from "../../../core/mod.ts";
import type { BuiltInConnection } from "./open_connection.ts";

export interface SessionRequest {
  /** A line for the VM's shell; without it, the shell itself. */
  readonly command: string | undefined;
  readonly withTerminal: boolean;
  /** What the VM is called. */
  readonly target: string;
}

export interface SessionChannel {
  readonly channel: SshChannel;
  /** Tells the VM's terminal of a new size. */
  resize(size: TerminalSize): void;
}

/** @throws BastionError `ssh/request-refused`, and why the way was lost */
export async function openSessionChannel(
  { client, channelOf, ended }: BuiltInConnection,
  { command, withTerminal, target }: SessionRequest,
  ctx: Pick<CommandContext, "terminal" | "platform" | "error">,
): Promise<SessionChannel> {
  const pty = withTerminal ? terminalOptions(ctx) : undefined;
  return await new Promise<SessionChannel>((resolve, reject) => {
    ended.then((lost) => reject(lost));
    const done = (error: Error | undefined, session: ClientChannel) => {
      if (!error) {
        return resolve({
          channel: channelOf(session),
          resize: ({ columns, rows }) => session.setWindow(rows, columns, 0, 0),
        });
      }
      const request = command === undefined ? "a shell" : "a command";
      reject(ctx.error("ssh/request-refused", { target, request, problem: error.message }));
    };
    if (command === undefined) client.shell(pty ?? false, done);
    else client.exec(command, pty ? { pty } : {}, done);
  });
}

function terminalOptions(
  { terminal, platform }: Pick<CommandContext, "terminal" | "platform">,
): PseudoTtyOptions {
  const { columns: cols, rows } = terminal.size();
  // Of the size in pixels nobody knows.
  const size = { cols, rows, width: 0, height: 0 };
  return { ...size, term: platform.terminalType, modes: { ...terminal.modes() } };
}
