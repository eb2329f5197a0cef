/**
 * What 255 means, by ssh's own log: the exit code alone does not tell a command that has ended so
 * from one that a signal has ended, and from a session that was lost. Pure.
 */

export type ChannelEnd =
  /** The command has ended with 255. */
  | "code"
  | "signal"
  /** The master has gone, or a signal has ended the command: whether the master lives tells which. */
  | "signal-or-lost"
  /** There was a session, and its end was not the command's. */
  | "lost"
  /** It never came to it. */
  | "refused";

/** @param log of a client with LogLevel=DEBUG2 @param shared it went by a master's connection */
export function channelEnd(log: string, shared: boolean): ChannelEnd {
  if (shared) {
    if (/Control master terminated unexpectedly/.test(log)) return "signal-or-lost";
    return /mux_client_request_session: master session id/.test(log) ? "code" : "refused";
  }
  if (/ rtype exit-signal /.test(log)) return "signal";
  if (/ rtype exit-status /.test(log)) return "code";
  return /Entering interactive session/.test(log) && !/open failed/.test(log) ? "lost" : "refused";
}

/** What ssh says of sessions that go well, too. */
const NO_REASON =
  /^(?:Authenticated to |Warning: Permanently added |Transferred: |Bytes per second: )/;
/** What ssh has left to say where its proxy, which is ours, has said why it has ended. */
const CONSEQUENCE =
  /^(?:kex_exchange_identification: |banner exchange: |Connection (?:closed|reset) by (?:UNKNOWN|remote)|client_loop: send disconnect: )/;
/** So much of ssh's words goes into an error's message: lines, and characters. */
const MAX_LINES = 4;
const MAX_WORDS = 500;

/** Why, of all that ssh and our proxy have said: the lines that tell it. */
export function reasonOf(said: string): string {
  const lines = spokenLines(said).filter((line) => !NO_REASON.test(line));
  const causes = lines.filter((line) => !CONSEQUENCE.test(line));
  const told = (causes.length > 0 ? causes : lines).slice(-MAX_LINES);
  const text = told.map((line) => line.replace(/^bastion: /, "")).join("; ").replaceAll(
    ".; ",
    ". ",
  );
  return text.slice(-MAX_WORDS).replace(/\.+$/, "") || "ssh does not say why";
}

/** What ssh wants the user to know: that a host's key is new. */
export function warningsOf(said: string): string[] {
  const prefix = "Warning: ";
  return spokenLines(said).filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length));
}

/** Without what is for whoever mends ssh. */
export function spokenLines(said: string): string[] {
  return said.split("\n").map((line) => line.trim())
    .filter((line) => line !== "" && !/^debug\d: /.test(line));
}
