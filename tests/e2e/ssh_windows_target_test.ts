/** A VM whose server names its files, and reads its commands, as Windows' OpenSSH does. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { SHELL_PROBE } from "../../plugins/ssh/service/remote_shell.ts";
import { textOfSource } from "../helpers/byte_source.ts";
import { sshdPrograms } from "../helpers/sshd.ts";
import { withSshService } from "../helpers/ssh_service.ts";
import { tempDir } from "../helpers/temp_dir.ts";
import { testSsh2 } from "../helpers/test_ssh2.ts";

const SERVER = fileURLToPath(new URL("../helpers/windows_sftp_server.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What sshd runs in place of everything: cmd.exe, so far as it matters here, and that server. */
function pretender(drive: string): string {
  return `#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
  internal-sftp) exec '${Deno.execPath()}' run -A --no-check --config '${CONFIG}' '${SERVER}' '${drive}' ;;
  '${SHELL_PROBE}') printf 'Windows_NT$env:OS\\r\\n' ;;
  *) printf '%s' "$SSH_ORIGINAL_COMMAND" ;;
esac
`;
}

for (const client of ["native", "builtin"] as const) {
  testSsh2(sshdPrograms, `${client}: a VM with Windows: its paths, and its shell`, async () => {
    await using directory = await tempDir();
    const forceCommand = directory.file("pretender");
    const drive = directory.file("C");
    await Deno.mkdir(`${drive}/Users/ada`, { recursive: true });
    await Deno.writeTextFile(forceCommand, pretender(drive), { mode: 0o755 });
    await withSshService(async ({ open }) => {
      await using session = await open({ client });
      await using sftp = await session.openSftp();
      const text = new TextEncoder().encode("hello");
      for (const [n, written] of ["C:\\Users\\ada\\x0", "~\\x1", "x2", "/Users/ada/x3"].entries()) {
        await using file = await sftp.open(await sftp.pathOf(written), "write");
        await file.write(text, 0);
        assert.equal(await Deno.readTextFile(`${drive}/Users/ada/x${n}`), "hello", written);
      }
      await using file = await sftp.open(await sftp.pathOf("C:/Users/ada/x0"), "read");
      const into = new Uint8Array(10);
      assert.equal(await file.read(into, 0), 5);
      assert.deepEqual(into.subarray(0, 5), text);
      // As it was written the server would not find it.
      await assert.rejects(sftp.open("C:\\Users\\ada\\x0", "read"), { code: "ssh/sftp-not-found" });
      await assert.rejects(sftp.pathOf("\\\\server\\share"), { code: "ssh/remote-path-odd" });

      const line = await session.commandLine(["dir", "C:\\Program Files\\"]);
      const channel = await session.exec(line);
      const [stdout] = await Promise.all([textOfSource(channel), textOfSource(channel.stderr)]);
      assert.equal(stdout, 'dir "C:\\Program Files\\\\"');
      await assert.rejects(session.commandLine(["%PATH%"]), { code: "ssh/remote-words-odd" });
    }, { sshd: { forceCommand } });
  });
}
