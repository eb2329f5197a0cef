/** `-L`'s words, as OpenSSH has them. Pure. */

import type { CommandContext } from "../../../core/mod.ts";

export interface ForwardSpec {
  /** Local address; both of loopback where it is left out. */
  readonly bind?: string;
  readonly port: number;
  /** As the VM knows it. */
  readonly host: string;
  readonly hostPort: number;
}

/**
 * @param spec `[BIND:]PORT:HOST:HOSTPORT`, addresses of IPv6 in brackets; `*` or nothing for BIND is
 * every address of IPv4
 * @throws BastionError `ssh/forward-odd`
 */
export function readForwardSpec(spec: string, ctx: Pick<CommandContext, "error">): ForwardSpec {
  const words = /^(?:(\[[^\]]*\]|[^:[\]]*):)?(\d{1,5}):(\[[^\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(spec);
  const [, bind, port, host, hostPort] = words ?? [];
  const ports = [Number(port), Number(hostPort)] as const;
  if (host === undefined || ports.some((one) => !(one >= 1 && one <= 65_535))) {
    throw ctx.error("ssh/forward-odd", { spec });
  }
  return { ...address(bind), port: ports[0], host: bare(host), hostPort: ports[1] };
}

function address(bind: string | undefined): Pick<ForwardSpec, "bind"> {
  if (bind === undefined || bind === "localhost") return {};
  const named = bare(bind);
  return { bind: named === "" || named === "*" ? "0.0.0.0" : named };
}

function bare(word: string): string {
  return word.replace(/^\[(.*)\]$/, "$1");
}
