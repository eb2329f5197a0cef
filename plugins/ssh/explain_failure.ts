/** What ssh's own words on stderr come to, for the user. Pure. */

export interface FailureFacts {
  readonly target: string;
  readonly user: string;
  readonly authType: string;
  /** File of the known host keys, and the name that the target has there. */
  readonly file: string;
  readonly keyAlias: string;
}

export interface Explanation {
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Nothing where ssh has said all there is to say. @param said the end of its stderr */
export function explainFailure(said: string, facts: FailureFacts): Explanation | undefined {
  const { target, user, authType, file, keyAlias } = facts;
  if (/REMOTE HOST IDENTIFICATION HAS CHANGED/.test(said)) {
    // Double quotes: every shell that our users have knows them.
    const command = `ssh-keygen -R "${keyAlias}" -f "${file}"`;
    return { code: "ssh/host-key-changed", params: { target, command } };
  }
  if (/host key is known for .* and you have requested strict checking/.test(said)) {
    return { code: "ssh/host-key-unknown", params: { target, file } };
  }
  const denied = /^\S+: Permission denied \([\w,-]*\)\.\r?$/m.test(said);
  if (denied && authType === "aad") {
    return { code: "ssh/certificate-refused", params: { target, user } };
  }
  if (authType !== "" && denied) {
    return { code: "ssh/permission-denied", params: { target, user, authType } };
  }
  return undefined;
}
