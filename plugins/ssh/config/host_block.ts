import type { Target } from "../../../core/mod.ts";

/** What ssh is told of one host, or of all by a wildcard. */
export interface HostBlock {
  /** For people and other programs: `web1.bastion`, or `*.bastion`. */
  readonly host: string;
  /** The words behind `Host`. */
  readonly patterns: string;
  /** `Name=Value`, as ssh's `-o` has it. */
  readonly settings: readonly string[];
  /** Key and certificate that are renewed before ssh reads them. */
  readonly renewal?: Renewal;
  /** Where it leads; nothing for the wildcard. */
  readonly target?: Target;
  readonly user?: string;
}

export interface Renewal {
  /** The pattern list behind `Match originalhost`. */
  readonly hosts: string;
  /** The command behind `exec`. */
  readonly command: string;
  /** The file with the settings that it writes. */
  readonly include: string;
}
