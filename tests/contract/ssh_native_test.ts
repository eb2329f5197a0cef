import { needs } from "../helpers/needs.ts";
import { sshdPrograms } from "../helpers/sshd.ts";
import { sshConnectionContract } from "./ssh_connection_contract.ts";

const { test } = needs(...sshdPrograms);
const request = { client: "native" } as const;

sshConnectionContract("ssh, native", { request, signal: "", test });
// As on Windows: no socket can be made where its path is too long.
sshConnectionContract("ssh, native, each channel by itself", {
  request,
  service: { state: "s".repeat(80) },
  signal: "",
  test,
});
