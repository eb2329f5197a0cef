/** `bastion doctor`: what is wrong between here and a target, and what helps. */

import type { Command, PluginFactory } from "../../core/mod.ts";

const command: Command = {
  path: "doctor",
  summary: "Check everything between this computer and a target, and say what helps",
  description: "Every check runs, whatever the others find; one that cannot run without another " +
    "says so. With TARGET a real session is opened, and ended again: nothing is sent to the " +
    "target's port but what opens it.\n\n" +
    "The exit code is that of the first failure; it is 0 where there are only warnings.",
  options: [
    {
      name: "timeout",
      type: "duration",
      placeholder: "TIME",
      default: 15_000,
      // A tunnel's --timeout is another thing.
      env: "BASTION_DOCTOR_TIMEOUT",
      summary: "Give each check so long",
    },
    {
      name: "bundle",
      type: "path",
      placeholder: "FILE",
      env: false,
      summary: "Write findings, settings and the last log lines, without secrets, to a new FILE",
    },
  ],
  target: { defaultPort: 22, user: true, optional: true },
  examples: [
    { text: "Whether Azure can be reached, and as whom", command: "bastion doctor" },
    { text: "The way to a bastion host as well", command: "bastion doctor --bastion net/hub" },
    { text: "The whole way to a VM's SSH server", command: "bastion doctor web1" },
    {
      text: "A file that helps somebody else to help you",
      command: "bastion doctor web1 --bundle bastion-doctor.json",
    },
  ],
  ignoresConfig: true,
  handler: () => import("./run.ts"),
};

export const doctor: PluginFactory = () => ({
  name: "doctor",
  version: "1.0.0",
  apiVersion: 1,
  commands: [command],
});
