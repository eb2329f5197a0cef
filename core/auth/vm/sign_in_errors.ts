/** What can go wrong before a VM is entered: part of the core's catalogue. */

import type { ErrorCatalogue } from "../../error_catalogue.ts";

export const signInErrors = {
  "sign-in-user-missing": {
    exit: "usage",
    message: "No user name on {target} is given, and --auth-type {authType} needs one.",
    hint: "Give --username NAME, or USER@TARGET.",
  },
  "sign-in-key-missing": {
    exit: "usage",
    message: "No private key for {target} is given, and --auth-type ssh-key needs one.",
    hint: "Give --ssh-key FILE.",
  },
  "key-file-not-found": {
    exit: "configuration",
    message: "There is no private key {file}.",
    hint: "Check the path that --ssh-key gives; it is relative to the current directory.",
  },
  "key-file-directory": {
    exit: "configuration",
    message: "{file} is a directory, not a private key.",
    hint: "Give the file in it: --ssh-key {file}/id_ed25519, or what it is called.",
  },
  "key-file-unreadable": {
    exit: "configuration",
    message: "The private key {file} cannot be read: {problem}",
    hint: "It must be a file that you may read.",
  },
  "key-file-public": {
    exit: "configuration",
    message: "{file} is a public key, and the private one is needed.",
    hint: "It stands beside it, as a rule: {meant}",
  },
  "key-file-putty": {
    exit: "configuration",
    message: "{file} is a PuTTY key, which OpenSSH cannot read.",
    hint:
      "Convert it: puttygen {file} -O private-openssh -o key.pem (on Windows: PuTTYgen, Conversions, Export OpenSSH key), and give --ssh-key key.pem.",
  },
  "key-file-vault": {
    exit: "configuration",
    message: "{url} is an address, and a private key must be a file on this computer.",
    hint:
      "Download it from the key vault: {command}; then chmod 600 key.pem, and --ssh-key key.pem.",
  },
  "key-file-unknown": {
    exit: "configuration",
    message: "{file} is not a private key.",
    hint: "It begins with -----BEGIN … PRIVATE KEY-----. Make one: ssh-keygen -t ed25519",
  },
  "key-file-open": {
    exit: "configuration",
    message: "Other users may read the private key {file} (its mode is {mode}).",
    hint: "OpenSSH does not use such a key. Run: chmod 600 {file}",
  },
  "certificate-no-scope": {
    exit: "unfit",
    message: "The cloud {cloud} has no certificates for signing in to Linux VMs.",
    hint:
      "Where that is wrong, give its sshCertificateScope in the config file or the cloud's file.",
  },
  "certificate-unavailable": {
    exit: "credential",
    message: "The Azure credential {credential} cannot have a certificate for the VM.",
    hint:
      "Users, and service principals with a secret or certificate, can. Run: bastion login; or give another --auth-type.",
  },
  "certificate-other-user": {
    exit: "usage",
    message: "Entra's certificate is for {principals}, not for {user}.",
    hint:
      "Leave the user name out: with --auth-type aad it is the one that you are signed in to Azure with.",
  },
  "agent-missing": {
    exit: "configuration",
    message: "No ssh agent is running: SSH_AUTH_SOCK is not set.",
    hint: "Start one: eval $(ssh-agent), then ssh-add; or give --auth-type ssh-key.",
  },
} as const satisfies ErrorCatalogue;
