import type { ByteStream, SshChannel } from "../../core/mod.ts";

/** A way onto the VM, signed in, by either client. Disposing of it ends all that goes by it. */
export interface SshConnection extends AsyncDisposable {
  /** @param command a line for the VM's shell, as it stands */
  exec(command: string): Promise<SshChannel>;
  openSubsystem(name: "sftp"): Promise<ByteStream>;
  /** A connection to a port that the VM can reach. */
  forward(host: string, port: number): Promise<ByteStream>;
}
