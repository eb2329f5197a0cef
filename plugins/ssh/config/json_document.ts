import type { HostBlock } from "./host_block.ts";

/** Every host with all that ssh is told of it, for programs. */
export function jsonDocument(blocks: readonly HostBlock[]) {
  return {
    hosts: blocks.map(({ host, patterns, settings, renewal, target }) => ({
      host,
      patterns,
      settings: Object.fromEntries(settings.map((setting) => {
        const at = setting.indexOf("=");
        return [setting.slice(0, at), unquoted(setting.slice(at + 1))];
      })),
      renewal: renewal === undefined ? null : { exec: renewal.command, include: renewal.include },
      target: target === undefined ? null : {
        resourceId: target.resourceId,
        ipAddress: target.hostname ?? null,
        port: target.port,
        bastionHost: target.bastionHost.id,
      },
    })),
  };
}

/** The quotes are the file's. */
function unquoted(value: string): string {
  return value.replace(/^"([^"]*)"$/, "$1");
}
