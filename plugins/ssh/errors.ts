import type { ErrorCatalogue } from "../../core/mod.ts";

export const errors = {
  "client-missing": {
    exit: "configuration",
    message: "No ssh was found, neither on PATH nor in {places}.",
    hint:
      "Install OpenSSH (Windows: Settings, Optional features, OpenSSH Client), give --ssh-path FILE, or leave --client out.",
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
      "Check user name and password or key (the agent's: ssh-add -l). The VM's sshd may not allow this way to sign in; OpenSSH's -v, behind --, shows what it offers.",
  },
  "certificate-refused": {
    exit: "forbidden",
    message: "The VM {target} does not let {user} in by Entra's certificate.",
    hint:
      "The user needs the role Virtual Machine User Login (or Administrator Login) on the VM, and the VM the extension AADSSHLoginForLinux. A new role takes some minutes.",
  },
  "known-hosts-unusable": {
    exit: "host-key",
    message: "The file of known host keys {file} cannot be used: {problem}",
    hint:
      "It must be a text file that you may write, as OpenSSH has it (with --host-key-check strict, one that you may read); or give another by --known-hosts FILE.",
  },
  "signer-unusable": {
    exit: "configuration",
    message: "OpenSSH cannot be given a key that only signs: {problem}",
    hint: "--client builtin needs no agent for it.",
  },
  "signer-refused": {
    exit: "credential",
    message: "The key that is to sign has not: {problem}",
    hint: "Look at the vault or token that holds it, and at the plugin that asks it.",
  },
  "certificate-ended": {
    exit: "credential",
    message: "The VM {target} does not let {user} in: the certificate has ended, at {ended}.",
    hint:
      "Run it again, which fetches a new one. Where that is of no use, the clock of this computer or of the VM is wrong.",
  },
  "client-twice": {
    exit: "usage",
    message: "--ssh-path {path} is OpenSSH's, and --client says builtin.",
    hint: "Leave one of the two out.",
  },
  "forward-odd": {
    exit: "usage",
    message: "{spec} does not say what to forward.",
    hint: "It is [BIND:]PORT:HOST:HOSTPORT, with addresses of IPv6 in brackets.",
  },
  "host-key-revoked": {
    exit: "host-key",
    message: "The host key of {target} is one that {file} names as revoked.",
    hint: "Do not go on: whoever revoked it knows why. The VM needs another key.",
  },
  "builtin-cannot": {
    exit: "usage",
    message: "The built-in client cannot do {option}; OpenSSH can.",
    hint:
      "Install OpenSSH (Windows: Settings, Optional features, OpenSSH Client), and leave --client out.",
  },
  "builtin-key": {
    exit: "configuration",
    message: "The built-in client cannot use the key {file}: {problem}",
    hint: "OpenSSH may: install it, and leave --client out. Or make another: ssh-keygen -t ed25519",
  },
  "passphrase-wrong": {
    exit: "forbidden",
    message: "The passphrase is not the one of the key {file}.",
    hint: "A new one is set by: ssh-keygen -p -f {file}; which asks for the old one as well.",
  },
  "password-expired": {
    exit: "forbidden",
    message: "The VM {target} wants {user} to choose a new password first.",
    hint: "Sign in once with OpenSSH, which asks for it: leave --client out.",
  },
  "handshake-failed": {
    exit: "target-port",
    message: "What listens on {target} does not come to terms with the built-in client: {problem}",
    hint:
      "See that it is an SSH server (doctor tells). OpenSSH knows more algorithms: install it, and leave --client out.",
  },
  "connection-lost": {
    exit: "network",
    message: "The connection to {target} was lost: {problem}",
    hint: "Run it again. Where it happens often, bastion doctor looks at the whole way.",
  },
  "request-refused": {
    exit: "forbidden",
    message: "The VM {target} does not do what was asked for, {request}: {problem}",
    hint: "Its sshd may be set up to refuse that (AllowTcpForwarding, ForceCommand, Subsystem).",
  },
  "session-failed": {
    exit: "network",
    message: "There is no SSH session with {target}: {reason}",
    hint: "Run bastion ssh with the same target; with -v behind -- it says more.",
  },
  "session-lost": {
    exit: "network",
    message: "The SSH session with {target} was lost: {reason}",
    hint: "What went by it was cut off. bastion doctor looks at the way there.",
  },
  "config-sign-in": {
    exit: "usage",
    message: "--auth-type {authType} cannot stand in ssh's configuration: {why}.",
    hint: "Leave --auth-type out, or go by bastion ssh --auth-type {authType}.",
  },
  "config-command-odd": {
    exit: "configuration",
    message: "ssh's configuration cannot hold the command {command}: it needs quotes.",
    hint: "Use paths without blanks, for bastion itself as well.",
  },
  "config-client-old": {
    exit: "configuration",
    message: "This computer's ssh ({version}) cannot have one block for all VMs.",
    hint: "That needs OpenSSH 8.5. Name the VMs, or give --all.",
  },
  "config-no-host": {
    exit: "not-found",
    message: "No bastion host tells where to sign in: {problem}.",
    hint: "Give --bastion [GROUP/]HOST, or name the VMs.",
  },
  "config-no-target": {
    exit: "not-found",
    message: "There is no VM that a bastion host reaches.",
    hint: "Run bastion targets to see what there is, and why.",
  },
  "config-format": {
    exit: "usage",
    message: "--format {format} cannot be printed: {problem}.",
    hint: "Install it for ssh (bastion ssh-config install), which can, and name VM.bastion.",
  },
  "config-file-unusable": {
    exit: "configuration",
    message: "ssh's configuration {file} cannot be changed: {problem}.",
    hint: "Nothing was written. Mend it, or give --file FILE.",
  },
  "config-marks": {
    exit: "configuration",
    message: "In {file} a line that marks bastion's block is alone, or there twice.",
    hint:
      "Nothing was written. Remove the lines that begin with # >>> bastion or # <<< bastion, and what is ours between them.",
  },
  "host-word": {
    exit: "usage",
    message: "{host} is no name that ssh's configuration has for a VM.",
    hint: "Write VM.bastion, or VM.GROUP.bastion.",
  },
  "sftp-not-found": {
    exit: "not-found",
    message: "The VM {target} cannot {action} {path}: {reason}",
    hint: "Paths are the VM's; a relative one begins in the user's home directory there.",
  },
  "sftp-denied": {
    exit: "forbidden",
    message: "The VM {target} may not {action} {path}: {reason}",
    hint: "The user on the VM needs the right to; --username names another one.",
  },
  "sftp-unsupported": {
    exit: "unfit",
    message: "The VM's server {target} does not know how to {action} {path}: {reason}",
    hint: "OpenSSH's own SFTP server does.",
  },
  "sftp-failed": {
    exit: "transfer",
    message: "The VM {target} could not {action} {path}: {reason}",
    hint:
      "SFTP's servers say no more than that: a disk that is full, a name that is taken or too long, a directory that is not empty.",
  },
  "sftp-broken": {
    exit: "transfer",
    message: "SFTP with {target} has failed: {problem}",
    hint:
      "Its sshd may run another program in place of SFTP (ForceCommand, Subsystem), or a shell's start-up file prints something.",
  },
  "remote-path-odd": {
    exit: "usage",
    message: "{path} is no path that the VM's SFTP server opens.",
    hint: "On Windows write it with its drive, C:\\Users\\ada; shares have to have one, too.",
  },
  "remote-words-odd": {
    exit: "usage",
    message: "The VM's shell, {shell}, cannot be told these words: {words}",
    hint: "Leave out quotes, percent signs, exclamation marks and line breaks.",
  },
  "state-directory-unsafe": {
    exit: "configuration",
    message: "{path} is not used: {problem}.",
    hint:
      "Passwords and host keys pass through it. Make it yours alone: chmod 700 {path}; or move it away.",
  },
  "host-key-doubtful": {
    exit: "host-key",
    message: "The host key of {target} is said not to be the one that was accepted before.",
    hint:
      "The VM on the way can have that printed, too, to put a key of its own in its place. Compare the key of {keyAlias} in {file} with what the host itself has, before you remove it.",
  },
} as const satisfies ErrorCatalogue;
