/**
 * OpenSSH's file of known host keys (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"), read and added to as
 * OpenSSH does, so that both clients may share it.
 */

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { dirname } from "node:path";
import type { PluginContext } from "../../core/mod.ts";

export interface HostKey {
  /** As `ssh-ed25519`; an RSA key is `ssh-rsa`, whatever hash it signs with. */
  readonly type: string;
  /** Base64. */
  readonly key: string;
}

export interface KnownHostKey extends HostKey {
  /** `@revoked`: the name must never show it. */
  readonly revoked: boolean;
}

export interface KnownHosts {
  /** The keys that the file has under the name; none where there is no file. */
  find(name: string): Promise<readonly KnownHostKey[]>;
  /** Adds a line. @param name one that is no pattern */
  add(name: string, key: HostKey): Promise<void>;
}

/** No real one is larger, in bytes. */
const MAX_SIZE = 16 * 1024 * 1024;

/** Every failure is `ssh/known-hosts-unusable`: a file that cannot be read must not pass for an empty one. */
export function openKnownHosts(file: string, ctx: Pick<PluginContext, "error">): KnownHosts {
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw ctx.error("ssh/known-hosts-unusable", { file, problem }, error);
    }
  };
  return {
    find: (name) => attempt(async () => keysOf(name.toLowerCase(), await read(file))),
    add: (name, key) => attempt(() => append(file, lineOf(name, key))),
  };
}

async function read(file: string): Promise<string> {
  if (!await isRegular(file)) return "";
  using opened = await Deno.open(file);
  const { size } = await opened.stat();
  if (size > MAX_SIZE) throw new RangeError(`it is larger than ${MAX_SIZE} bytes`);
  const bytes = new Uint8Array(size);
  let end = 0;
  while (end < size) {
    const got = await opened.read(bytes.subarray(end));
    if (got === null) break;
    end += got;
  }
  return new TextDecoder().decode(bytes.subarray(0, end));
}

/** A device keeps nothing (`/dev/null`), and a pipe would be waited for without end. */
async function isRegular(file: string): Promise<boolean> {
  try {
    const { isFile, isDirectory } = await Deno.stat(file);
    if (isDirectory) throw new TypeError("it is a directory");
    return isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function append(file: string, line: string): Promise<void> {
  await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const options = { read: true, write: true, create: true, append: true, mode: 0o600 };
  using opened = await Deno.open(file, options);
  const { isFile, size } = await opened.stat();
  if (!isFile) return;
  const last = new Uint8Array(1);
  if (size > 0) {
    await opened.seek(-1, Deno.SeekMode.End);
    await opened.read(last);
  }
  // In one write: another run may be adding at this moment.
  const bytes = new TextEncoder().encode(`${size > 0 && last[0] !== 0x0a ? "\n" : ""}${line}\n`);
  const written = await opened.write(bytes);
  if (written < bytes.length) throw new RangeError("it was written only in part");
}

/** Threat: whoever names hosts or keys must not write lines of their own. */
function lineOf(name: string, { type, key }: HostKey): string {
  if (!/^[^\s,*?!#@|]+$/.test(name)) {
    throw new TypeError("the name is none for a file of host keys");
  }
  if (!isKey(type, key)) throw new TypeError("the key is none");
  return `${name} ${type} ${key}`;
}

function keysOf(name: string, text: string): KnownHostKey[] {
  const keys: KnownHostKey[] = [];
  for (const line of text.split("\n")) {
    const words = line.trim().split(/[ \t]+/);
    const [first = ""] = words;
    if (first === "" || first.startsWith("#")) continue;
    const marker = first.startsWith("@") ? words.shift() : undefined;
    // Certificates of hosts are for OpenSSH alone, and other marks for its later versions.
    if (marker !== undefined && marker !== "@revoked") continue;
    const [names = "", type = "", key = ""] = words;
    if (!isKey(type, key) || !matches(name, names)) continue;
    const plain = Buffer.from(key, "base64").toString("base64");
    keys.push({ type, key: plain, revoked: marker === "@revoked" });
  }
  return keys;
}

/** Whether the key says itself that it is of this type, as OpenSSH wants it. */
function isKey(type: string, key: string): boolean {
  if (!/^[a-z0-9@.-]{1,64}$/i.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return false;
  const blob = Buffer.from(key, "base64");
  return blob.length > 4 + type.length && blob.readUInt32BE() === type.length &&
    blob.toString("latin1", 4, 4 + type.length) === type;
}

function matches(name: string, names: string): boolean {
  if (names.startsWith("|")) return isHashOf(name, names);
  let found = false;
  for (const pattern of names.toLowerCase().split(",")) {
    if (!pattern.startsWith("!")) found ||= matchesPattern(name, pattern);
    else if (matchesPattern(name, pattern.slice(1))) return false;
  }
  return found;
}

/** `|1|SALT|HASH`. */
function isHashOf(name: string, hashed: string): boolean {
  const [, version, salt = "", hash = ""] = hashed.split("|");
  if (version !== "1" || salt === "" || hash === "") return false;
  const given = Buffer.from(hash, "base64");
  return createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest().equals(given);
}

/** `*` and `?`; by hand, since an expression made of many stars could take forever. */
function matchesPattern(name: string, pattern: string): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  let next = 0;
  while (at < name.length) {
    if (pattern[next] === "*") {
      star = next++;
      from = at;
    } else if (pattern[next] === "?" || pattern[next] === name[at]) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++from;
    } else return false;
  }
  while (pattern[next] === "*") next++;
  return next === pattern.length;
}
