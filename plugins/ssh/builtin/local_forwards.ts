/** `-L`: local ports whose connections go by the VM. */

import type { ByteStream, CommandContext } from "../../../core/mod.ts";
import type { SshConnection } from "../ssh_connection.ts";
import { type ForwardSpec, readForwardSpec } from "./forward_spec.ts";
import { pump } from "./pump.ts";

/** Disposing of them closes the ports; their open connections go on. */
export interface LocalForwards extends Disposable {
  /** Carries what comes, also what came before; resolves when the last connection has ended. */
  serve(connection: Pick<SshConnection, "forward">): Promise<void>;
}

/** @throws BastionError `ssh/forward-odd`, `local-port-…`, before any of them is open */
export function openLocalForwards(
  specs: readonly string[],
  ctx: Pick<CommandContext, "error" | "listen" | "log" | "out">,
): LocalForwards {
  const wanted = specs.map((spec) => readForwardSpec(spec, ctx));
  using stack = new DisposableStack();
  const ports = wanted.map((spec) => {
    const { port, bind } = spec;
    if (bind !== undefined && !/^(?:127\.|::1$)/.test(bind)) {
      ctx.log.warning("other computers can use this port with your rights on the VM", { bind });
    }
    return { spec, port: stack.use(ctx.listen(port, bind === undefined ? undefined : [bind])) };
  });
  const owned = stack.move();
  return {
    async serve(connection) {
      const open = new Set<Promise<void>>();
      await Promise.all(ports.map(({ spec, port }) =>
        port.serve((local) => {
          const carried = carry(local, spec, connection, ctx).finally(() => open.delete(carried));
          open.add(carried);
        })
      ));
      await Promise.all(open);
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
}

async function carry(
  local: ByteStream,
  { host, hostPort }: ForwardSpec,
  connection: Pick<SshConnection, "forward">,
  { out }: Pick<CommandContext, "out">,
): Promise<void> {
  let remote: ByteStream;
  try {
    remote = await connection.forward(host, hostPort);
  } catch (error) {
    local.close();
    out.failure(error);
    return;
  }
  try {
    await Promise.all([
      pump(local, (bytes) => remote.write(bytes)).then(() => remote.closeWrite()),
      pump(remote, (bytes) => local.write(bytes)).then(() => local.closeWrite()),
    ]);
  } catch {
    // One side is gone: so is the other, and each has been told.
  } finally {
    local.close();
    remote.close();
  }
}
