/** The text of an .rdp file: one `name:type:value` a line. Pure. */

export interface RdpAddress {
  /** Of the tunnel, on this computer. */
  readonly port: number;
  /** Whom to sign in as, where that is known. No control characters. */
  readonly user?: string;
}

/**
 * What leads past the tunnel: another address, a port of its own (FreeRDP takes it before the
 * address's), and a gateway. And what a signature covered is not what it covers now.
 */
const REPLACED =
  /^(full address|alternate full address|server port|gateway.*|signscope|signature)$/;

/**
 * The settings for the tunnel, with all else that `earlier` has said.
 * @returns nothing where `earlier` is not the text of an .rdp file
 */
export function rdpSettings(
  { port, user }: RdpAddress,
  earlier = "",
): string | undefined {
  const kept: string[] = [];
  const names = new Set<string>();
  for (const line of earlier.split(/[\r\n]+/)) {
    if (line.trim() === "") continue;
    const [, name] = /^([^:]+):[a-z]:/i.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.trim().toLowerCase();
    if (REPLACED.test(key) || (key === "username" && user !== undefined)) continue;
    names.add(key);
    kept.push(line);
  }
  const lines = [
    `full address:s:localhost:${port}`,
    `alternate full address:s:localhost:${port}`,
    // Several screens in one window would be what the user has to ask for.
    ...(names.has("use multimon") ? [] : ["use multimon:i:0"]),
    ...(user === undefined ? [] : [`username:s:${user}`]),
    ...kept,
  ];
  return lines.map((line) => `${line}\r\n`).join("");
}
