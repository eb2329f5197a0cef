/** What goes over a connection that is signed in: commands, subsystems, forwarded connections. */

import type { Client, ClientChannel } from "ssh2";
import type { SshChannel, SshExit } from "../../../core/mod.ts";
import type { SshConnection } from "../ssh_connection.ts";
import { type ChannelStream, channelStream, type ChannelWay } from "./channel_stream.ts";

export interface ChannelDoors extends ChannelWay {
  /** What is told of a request that the server has refused, with its reason. */
  refused(request: string, problem: string): Error;
}

export interface Channels extends Pick<SshConnection, "exec" | "openSubsystem" | "forward"> {
  /**
   * A session of ssh2's own, as a shell with a terminal, in the shape that `exec` gives. To be called
   * in ssh2's callback: what comes right behind it would be missed later.
   */
  channelOf(session: ClientChannel): SshChannel;
}

type Done = (error: Error | undefined, channel: ClientChannel) => void;

/** As OpenSSH ends where the server did not say how the command has. */
const NO_EXIT: SshExit = { code: 255 };

export function openChannels(client: Client, doors: ChannelDoors): Channels {
  const { gone, cut, refused } = doors;

  /**
   * @param wrap called at once when the channel is open: what the server sends in the same piece,
   * down to the channel's end, is dealt with before a promise's reaction could run
   */
  function open<Result>(
    request: string,
    ask: (done: Done) => void,
    wrap: (channel: ClientChannel) => Result,
  ): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const refuse = (error: unknown) => reject(cut() ?? refused(request, problemOf(error)));
    const lose = () => refuse("the connection is gone");
    gone.addEventListener("abort", lose);
    try {
      ask((error, channel) => error ? refuse(error) : resolve(wrap(channel)));
    } catch (error) {
      refuse(error);
    }
    return promise.finally(() => gone.removeEventListener("abort", lose));
  }

  function channelOf(session: ClientChannel): SshChannel {
    const stream = channelStream(session, doors);
    return Object.assign(stream, { ended: exitOf(session, stream, cut) });
  }

  const streamOf = (channel: ClientChannel) => channelStream(channel, doors);

  return {
    channelOf,
    exec: (command) => open("a command", (done) => client.exec(command, done), channelOf),
    openSubsystem: (name) =>
      open(`the subsystem ${name}`, (done) => client.subsys(name, done), streamOf),
    forward: (host, port) =>
      open(
        `a connection to ${host}:${port}`,
        (done) => client.forwardOut("127.0.0.1", 0, host, port, done),
        streamOf,
      ),
  };
}

/** The server's reason, without ssh2's words before it. */
function problemOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^\(SSH\) Channel open failure: /, "") || "no reason is given";
}

function exitOf(
  channel: ClientChannel,
  { closed }: Pick<ChannelStream, "closed">,
  cut: () => Error | undefined,
): Promise<SshExit> {
  const exit = new Promise<SshExit>((resolve, reject) => {
    channel.once(
      "exit",
      (code: number | null, signal?: string) =>
        resolve(code === null ? { signal: (signal ?? "").replace(/^SIG/, "") } : { code }),
    );
    closed.then(() => {
      const error = cut();
      if (error) reject(error);
      else resolve(NO_EXIT);
    });
  });
  // Not everybody waits for it.
  exit.catch(() => {});
  return exit;
}
