/** Under which names OpenSSH knows a target. Pure. */

import { createHash } from "node:crypto";
import type { Target } from "../../core/mod.ts";

export interface TargetIdentity {
  /**
   * For HostKeyAlias: the target's resource id, in small letters. An IP address stands behind the
   * bastion host's id, since two VNets may both have a 10.0.0.4; a port other than 22 behind both,
   * since another server with another key may be there.
   */
  readonly keyAlias: string;
  /**
   * For the place of the host name: nothing that resolves, and another for every target, so that no
   * two share a ControlPath. Settings for `Host *.bastion` apply, but for those of `ssh-config`.
   */
  readonly hostName: string;
}

export function targetIdentity(target: Target): TargetIdentity {
  const { bastionHost, hostname, port } = target;
  const id = hostname === undefined ? target.resourceId : `${bastionHost.id}/${hostname}`;
  const keyAlias = safe(id.toLowerCase().replace(/\/+$/, "")) + (port === 22 ? "" : `:${port}`);
  const hash = createHash("sha256").update(keyAlias).digest("hex").slice(0, 8);
  const name = hostname ?? machineName(target.resourceId);
  return { keyAlias, hostName: `${name}.${hash}.id.bastion` };
}

/** known_hosts gives commas, blanks, wildcards, `!`, `#` and `@` a meaning of their own. */
function safe(id: string): string {
  return id.split("/").map((part) =>
    encodeURIComponent(part).replace(/[!*'()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
  ).join("/").toLowerCase();
}

/** Letters that no shell, and no rule of OpenSSH's for host names, minds. */
function machineName(resourceId: string): string {
  const parts = resourceId.replace(/\/+$/, "").split("/");
  const scaleSet = /\/virtualMachineScaleSets\//i.test(resourceId) ? `${parts.at(-3)}-` : "";
  const name = `${scaleSet}${parts.at(-1)}`.toLowerCase().replace(/[^a-z0-9-]+/g, "-");
  return name.replace(/^-+|-+$/g, "") || "vm";
}
