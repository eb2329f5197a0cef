import { needs } from "../helpers/needs.ts";
import { sshdPrograms } from "../helpers/sshd.ts";
import { sftpContract } from "./sftp_contract.ts";
import { type SshClientCase, sshConnectionContract } from "./ssh_connection_contract.ts";

const shared: SshClientCase = {
  request: { client: "native" },
  signal: "",
  test: needs(...sshdPrograms).test,
};
// As on Windows: no socket can be made where its path is too long.
const alone: SshClientCase = { ...shared, service: { state: "s".repeat(80) } };

for (const contract of [sshConnectionContract, sftpContract]) {
  contract("ssh, native", shared);
  contract("ssh, native, each channel by itself", alone);
}
