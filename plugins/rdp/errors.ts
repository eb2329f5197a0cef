import type { ErrorCatalogue } from "../../core/mod.ts";

export const errors = {
  "entra-by-address": {
    exit: "usage",
    message: "Entra sign-in to RDP ({flag}) is not possible by IP address.",
    hint:
      "Leave {flag} out, and sign in with a password. Entra sign-in needs the VM's resource id and the gateway, which az network bastion rdp uses on Windows.",
  },
  "entra-needs-gateway": {
    exit: "usage",
    message: "Entra sign-in to RDP ({flag}) goes through Azure Bastion's gateway, which {why}.",
    hint:
      "Leave {flag} out, and sign in with a password. For Entra sign-in use az network bastion rdp on Windows, or the portal.",
  },
  "launcher-missing": {
    exit: "usage",
    message: "{program} was not found ({tried}).",
    hint:
      "Install it, or give another --launcher; with --launcher none any program may connect to the address that is printed.",
  },
  "launcher-needed": {
    exit: "usage",
    message: "{what} is for a program that opens RDP, and there is none: {why}.",
    hint: "Leave it out, or give --launcher NAME.",
  },
  "launcher-shows-no-settings": {
    exit: "usage",
    message: "{program} cannot show the settings before it connects (--configure).",
    hint:
      "Leave --configure out. Options for the program go behind --, and settings into a file of yours: --rdp-file FILE.",
  },
  "file-odd": {
    exit: "configuration",
    message: "{file} is not used as an .rdp file, and is left as it is: {problem}.",
    hint: "Give --rdp-file a name that ends in .rdp, of a file that is new or that bastion or an " +
      "RDP program has written.",
  },
  "user-odd": {
    exit: "usage",
    message: "{user} cannot be a user's name on a VM.",
    hint: "A name has no control characters, and does not begin with a dash.",
  },
  "user-twice": {
    exit: "usage",
    message: "Two users are named, {first} and {second}.",
    hint: "Give --username, or USER@TARGET.",
  },
} as const satisfies ErrorCatalogue;
