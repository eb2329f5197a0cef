/** What ssh's own words on stderr come to, for the user. Pure. */

import { removalCommand } from "../removal_command.ts";

export interface FailureFacts {
  readonly target: string;
  readonly user: string;
  readonly authType: string;
  /** File of the known host keys, and the name that the target has there. */
  readonly file: string;
  readonly keyAlias: string;
  /** The name by which ssh was told to go there. */
  readonly hostName: string;
  /** How long ssh has run, in seconds; left out where another VM is on the way. */
  readonly seconds?: number;
  /** When the certificate has ended, as text; left out where it has not. */
  readonly ended?: string;
}

export interface Explanation {
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
}

/** ssh cuts a longer name, in characters. */
const MAX_NAME = 200;

/** What it says when a session that was open is cut. */
const LOST =
  /^(client_loop: .+|Connection to \S+ closed by remote host\.|Timeout, server \S+ not responding\.)\r?$/m;

/** Nothing where ssh has said all there is to say. @param said the end of its stderr */
export function explainFailure(said: string, facts: FailureFacts): Explanation | undefined {
  const { target, user, authType, file, keyAlias, hostName, seconds, ended } = facts;
  // With `-J`, what the VM in between has refused stands there as well, and was explained already.
  const ours = (name: string | undefined) => name === keyAlias.slice(0, MAX_NAME);
  // Older versions begin with the key's type.
  const [, changed] =
    /^(?:[\w-]+ h|H)ost key for (\S+) has changed and you have requested/m.exec(said) ?? [];
  if (ours(changed)) {
    // Threat: that VM can have its own ssh print any line. Its word must not have a key removed, so
    // that its own is accepted in place of the last host's.
    if (seconds === undefined) {
      return { code: "ssh/host-key-doubtful", params: { target, keyAlias, file } };
    }
    const command = removalCommand(keyAlias, file);
    return { code: "ssh/host-key-changed", params: { target, command } };
  }
  const [, unknown] = /host key is known for (\S+) and you have requested strict checking/
    .exec(said) ?? [];
  if (ours(unknown)) return { code: "ssh/host-key-unknown", params: { target, file } };
  const [, host] = /^\S+@(\S+): Permission denied \([\w,-]*\)\.\r?$/m.exec(said) ?? [];
  const denied = host !== undefined && (host === hostName || !host.endsWith(".bastion"));
  if (denied && ended !== undefined) {
    return { code: "ssh/certificate-ended", params: { target, user, ended } };
  }
  if (denied && authType === "aad") {
    return { code: "ssh/certificate-refused", params: { target, user } };
  }
  if (authType !== "" && denied) {
    return { code: "ssh/permission-denied", params: { target, user, authType } };
  }
  if (seconds !== undefined && /^Connection timed out during banner exchange\r?$/m.test(said)) {
    return { code: "target-silent", params: { target, seconds } };
  }
  // Our proxy says why, unless the way has ended as if all were well.
  const [, problem] = LOST.exec(said) ?? [];
  if (seconds !== undefined && problem !== undefined && !/^bastion: /m.test(said)) {
    return { code: "ssh/connection-lost", params: { target, problem } };
  }
  return undefined;
}
