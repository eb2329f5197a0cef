import type { Option } from "../../core/mod.ts";

/** How a host's key is checked. */
export const hostKeyOptions: readonly Option[] = [
  {
    name: "host-key-check",
    type: "choice",
    placeholder: "HOW",
    choices: ["accept-new", "strict", "off"],
    default: "accept-new",
    summary: "Accept the key of a VM that is new, or only keys that are known, or any (unsafe)",
  },
  {
    name: "known-hosts",
    type: "path",
    placeholder: "FILE",
    summary: "Keep host keys in FILE, for VMs that live an hour",
  },
];
