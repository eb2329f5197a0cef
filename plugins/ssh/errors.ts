import type { ErrorCatalogue } from "../../core/mod.ts";

export const errors = {
  "client-missing": {
    exit: "configuration",
    message: "No ssh was found, neither on PATH nor in {places}.",
    hint:
      "Install OpenSSH (Windows: Settings, Optional features, OpenSSH Client), or give --ssh-path FILE.",
  },
  "path-odd": {
    exit: "usage",
    message: "OpenSSH cannot be given the path {path}.",
    hint: "Use one without quotes, backslashes and line breaks in it.",
  },
  "user-odd": {
    exit: "usage",
    message: "{user} cannot be a user's name on a VM.",
    hint: "A name has no blanks, quotes or control characters, and does not begin with -.",
  },
  "user-twice": {
    exit: "usage",
    message: "Two users are named, {first} and {second}.",
    hint: "Give --username, or USER@TARGET.",
  },
  "password-stdin-useless": {
    exit: "usage",
    message: "--password-stdin goes with --auth-type password alone, and that is {authType}.",
    hint: "Leave one of the two out.",
  },
  "password-stdin-empty": {
    exit: "usage",
    message: "No password came on stdin: {problem}.",
    hint: "Pipe it in as the first line; what follows is for the remote command.",
  },
  "jump-target": {
    exit: "usage",
    message: "With --jump {jump}, TARGET is a host name or address as that VM knows it.",
    hint: "Give it as one word, without --target-resource-id and --target-ip-address.",
  },
  "jump-port": {
    exit: "usage",
    message: "--jump and --port do not go together.",
    hint: "Leave --port out: what is behind the VM is reached through ssh.",
  },
  "askpass-question": {
    exit: "unexpected",
    message: "The VM asks for more than the password: {question}",
    hint: "Leave --auth-type out, and ssh lets you answer.",
  },
  "host-key-changed": {
    exit: "host-key",
    message: "The host key of {target} is not the one that was accepted before.",
    hint:
      "If the VM was made anew, that is why; remove the old key: {command}. If not, somebody may be in between: do not go on.",
  },
  "host-key-unknown": {
    exit: "host-key",
    message: "The host key of {target} is not known.",
    hint:
      "With --host-key-check strict it must be in {file} already; accept-new takes it on trust, once.",
  },
  "permission-denied": {
    exit: "forbidden",
    message: "The VM {target} does not let {user} in by {authType}.",
    hint:
      "Check user name and password or key. The VM's sshd may not allow this way to sign in; -v behind -- shows what it offers.",
  },
  "certificate-refused": {
    exit: "forbidden",
    message: "The VM {target} does not let {user} in by Entra's certificate.",
    hint:
      "The user needs the role Virtual Machine User Login (or Administrator Login) on the VM, and the VM the extension AADSSHLoginForLinux. A new role takes some minutes.",
  },
} as const satisfies ErrorCatalogue;
