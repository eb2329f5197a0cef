/**
 * Host names that ssh's configuration knows as ours: `VM.bastion`, `VM.GROUP.bastion`, and
 * `10.1.0.4.bastion`. Pure.
 *
 * Letters, digits and hyphens stand as they are; `_` is `__`; every other character is `_` and the
 * two hexadecimal digits of each of its bytes in UTF-8. So the fourth instance of the scale set
 * `pool` is `pool_2f3.bastion`. Azure's names know no case, as host names do not.
 */

export interface HostName {
  /** A VM's, or `set/instance`. */
  readonly name: string;
  readonly group?: string;
}

const SUFFIX = ".bastion";

export function hostWord({ name, group }: HostName): string {
  return `${group === undefined ? label(name) : `${label(name)}.${label(group)}`}${SUFFIX}`;
}

/** As {@linkcode hostWord}, for a private IPv4 address. */
export function addressWord(address: string): string {
  return `${address}${SUFFIX}`;
}

/** What a host name means, as a target's word; nothing where it is none of ours. */
export function readHostWord(host: string): string | undefined {
  const small = host.toLowerCase();
  if (!small.endsWith(SUFFIX)) return undefined;
  const labels = small.slice(0, -SUFFIX.length).split(".");
  if (labels.length === 4 && labels.every((one) => /^\d{1,3}$/.test(one))) return labels.join(".");
  if (labels.length > 2) return undefined;
  const [name, group] = labels.map(readLabel);
  if (name === undefined || (labels.length === 2 && group === undefined)) return undefined;
  return group === undefined ? name : `${group}/${name}`;
}

function label(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9-]/gu, escape).replace(/^-/, escape);
}

function escape(character: string): string {
  if (character === "_") return "__";
  const bytes = [...new TextEncoder().encode(character)];
  return bytes.map((byte) => `_${byte.toString(16).padStart(2, "0")}`).join("");
}

/** Only what {@linkcode label} would write: one VM has one name. */
function readLabel(text: string): string | undefined {
  const bytes: number[] = [];
  for (const [part, byte] of text.matchAll(/__|_([0-9a-f]{2})|[^]/g)) {
    bytes.push(byte === undefined ? part.charCodeAt(0) : Number.parseInt(byte, 16));
  }
  const read = new TextDecoder().decode(new Uint8Array(bytes));
  return text !== "" && label(read) === text ? read : undefined;
}
