/** What ssh's own words on stderr come to, for the user. Pure. */

export interface FailureFacts {
  readonly target: string;
  readonly user: string;
  readonly authType: string;
  /** File of the known host keys, and the name that the target has there. */
  readonly file: string;
  readonly keyAlias: string;
  /** The name by which ssh was told to go there. */
  readonly hostName: string;
}

export interface Explanation {
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
}

/** ssh cuts a longer name, in characters. */
const MAX_NAME = 200;

/** Nothing where ssh has said all there is to say. @param said the end of its stderr */
export function explainFailure(said: string, facts: FailureFacts): Explanation | undefined {
  const { target, user, authType, file, keyAlias, hostName } = facts;
  // With `-J`, what the VM in between has refused stands there as well, and was explained already.
  const ours = (name: string | undefined) => name === keyAlias.slice(0, MAX_NAME);
  const [, changed] = /host key for (\S+) has changed and you have requested/i.exec(said) ?? [];
  if (ours(changed)) {
    // Double quotes: every shell that our users have knows them.
    const command = `ssh-keygen -R "${keyAlias}" -f "${file}"`;
    return { code: "ssh/host-key-changed", params: { target, command } };
  }
  const [, unknown] = /host key is known for (\S+) and you have requested strict checking/
    .exec(said) ?? [];
  if (ours(unknown)) return { code: "ssh/host-key-unknown", params: { target, file } };
  const [, host] = /^\S+@(\S+): Permission denied \([\w,-]*\)\.\r?$/m.exec(said) ?? [];
  const denied = host !== undefined && (host === hostName || !host.endsWith(".bastion"));
  if (denied && authType === "aad") {
    return { code: "ssh/certificate-refused", params: { target, user } };
  }
  if (authType !== "" && denied) {
    return { code: "ssh/permission-denied", params: { target, user, authType } };
  }
  return undefined;
}
