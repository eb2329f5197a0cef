/** Looks for secrets in what a program has shown, in every spelling in which they could leak. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";

/** Shorter values occur by chance; the emulator issues none. */
const MIN_LENGTH = 8;

export interface Leak {
  /** Which of the texts. */
  readonly where: string;
  /** How the secret was spelt there. */
  readonly spelling: string;
  /** The text around it. */
  readonly excerpt: string;
}

/**
 * @param texts what was shown, by a name for each (`stdout`, `log file`, …)
 * @throws AssertionError where one of `secrets` is in one of `texts`, or where there is none to
 * look for: a check that looks for nothing always passes
 */
export function assertNoLeaks(
  texts: Readonly<Record<string, string>>,
  secrets: readonly string[],
): void {
  assert.ok(secrets.length > 0, "no secrets to look for");
  const leaks = findLeaks(texts, secrets);
  const lines = leaks.map((leak) => `${leak.where} (${leak.spelling}): …${leak.excerpt}…`);
  assert.equal(leaks.length, 0, `secrets were shown:\n${lines.join("\n")}`);
}

/**
 * The first place of each spelling in each text. Hundreds of connections have thousands of tokens
 * and megabytes of log: each text is read once, and looked up by the first characters.
 */
export function findLeaks(
  texts: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Leak[] {
  const needles = new Map<string, { spelling: string; needle: string }[]>();
  for (const secret of new Set(secrets)) {
    assert.ok(secret.length >= MIN_LENGTH, `a secret of ${secret.length} characters is too short`);
    for (const [spelling, needle] of spellings(secret)) {
      const start = needle.slice(0, MIN_LENGTH);
      const known = needles.get(start);
      if (known) known.push({ spelling, needle });
      else needles.set(start, [{ spelling, needle }]);
    }
  }
  const leaks: Leak[] = [];
  for (const [where, text] of Object.entries(texts)) {
    const found = new Set<string>();
    for (let at = 0; at + MIN_LENGTH <= text.length; at++) {
      for (const { spelling, needle } of needles.get(text.slice(at, at + MIN_LENGTH)) ?? []) {
        if (found.has(needle) || !text.startsWith(needle, at)) continue;
        found.add(needle);
        const excerpt = text.slice(Math.max(0, at - 40), at + needle.length + 10);
        leaks.push({ where, spelling, excerpt });
      }
    }
  }
  return leaks;
}

/** How the value may stand in a text, each spelling named. */
function spellings(secret: string): [string, string][] {
  const encoded = encodeURIComponent(secret);
  const form = new URLSearchParams({ v: secret }).toString().slice(2);
  const json = JSON.stringify(secret).slice(1, -1);
  const all: [string, string][] = [
    ["raw", secret],
    ["URL-encoded", encoded],
    ["URL-encoded, lower case", encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())],
    ["form-encoded", form],
    ["JSON-escaped", json],
    ["JSON-escaped, with slashes", json.replaceAll("/", "\\/")],
  ];
  for (const offset of [0, 1, 2] as const) {
    const base64 = base64At(secret, offset);
    all.push([`base64 at ${offset}`, base64]);
    all.push([`base64url at ${offset}`, base64.replaceAll("+", "-").replaceAll("/", "_")]);
  }
  return [...new Map(all.map(([name, text]) => [text, [name, text] as [string, string]])).values()];
}

/**
 * The part of the base64 text that the value alone decides, where `offset` (modulo 3) bytes of
 * something else stand in front of it: a Basic header holds `user:` and the secret as one.
 */
function base64At(secret: string, offset: 0 | 1 | 2): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret, "utf8")]);
  const first = Math.ceil((offset * 8) / 6);
  const beyond = Math.floor((bytes.length * 8) / 6);
  return bytes.toString("base64").slice(first, beyond);
}
