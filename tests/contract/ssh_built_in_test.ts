import { sshdPrograms } from "../helpers/sshd.ts";
import { testSsh2 } from "../helpers/test_ssh2.ts";
import { sftpContract } from "./sftp_contract.ts";
import { type SshClientCase, sshConnectionContract } from "./ssh_connection_contract.ts";

const builtIn: SshClientCase = {
  request: { client: "builtin" },
  signal: "TERM",
  test: (name, body) => testSsh2(sshdPrograms, name, body),
};

for (const contract of [sshConnectionContract, sftpContract]) contract("ssh, built in", builtIn);
