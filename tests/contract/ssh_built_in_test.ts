import { sshdPrograms } from "../helpers/sshd.ts";
import { testSsh2 } from "../helpers/test_ssh2.ts";
import { sshConnectionContract } from "./ssh_connection_contract.ts";

sshConnectionContract("ssh, built in", {
  request: { client: "builtin" },
  signal: "TERM",
  test: (name, body) => testSsh2(sshdPrograms, name, body),
});
