/**
 * A value that must not be shown: it prints as `[redacted]` wherever a program may print it, and
 * while it lives, {@linkcode redact} takes it out of any text, in the spellings it could leak in.
 *
 * Threat: tokens travel in URLs and form bodies, and the errors of HTTP stacks, of servers that
 * echo what they were sent, and of `JSON.stringify` all repeat them.
 */

import { Buffer } from "node:buffer";

const REDACTED = "[redacted]";
/** Shorter values would take ordinary words out of texts; no real token is this short. */
const MIN_LENGTH = 6;

/** A value to look for. Two secrets may hold one: it is known until both are disposed of. */
interface Known {
  holders: number;
  /** Worked out when first looked for. */
  spellings?: readonly string[];
}

const known = new Map<string, Known>();

export class Secret implements Disposable {
  #value: string;
  #registered: boolean;

  constructor(value: string) {
    this.#value = value;
    this.#registered = value.length >= MIN_LENGTH;
    if (!this.#registered) return;
    const entry = known.get(value);
    if (entry) entry.holders++;
    else known.set(value, { holders: 1 });
  }

  /** The value itself, for the one place that must send it. */
  reveal(): string {
    return this.#value;
  }

  /** Length of the value in characters; sizes are worth logging, values never. */
  get length(): number {
    return this.#value.length;
  }

  /** The value is used up: {@linkcode redact} need not look for it any longer. */
  [Symbol.dispose](): void {
    const entry = known.get(this.#value);
    if (!this.#registered || !entry) return;
    this.#registered = false;
    if (--entry.holders === 0) known.delete(this.#value);
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}

/** What looks like a credential although nobody registered it: the unclassified is secret. */
const PATTERNS: readonly [RegExp, string][] = [
  // The data plane puts its tokens into paths (PROTOCOL §2, §3).
  [
    /(\/api\/tokens\/|\/webtunnelv2\/|\/omni\/webtunnel\/)(?!\[redacted\])[^\s?"'<>)\]]+/gi,
    `$1${REDACTED}`,
  ],
  // JSON web tokens: three base64url parts, the first two being JSON objects.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, REDACTED],
  // Form fields and headers of the requests that carry credentials.
  [
    /\b(aztoken|client_secret|client_assertion|refresh_token|access_token|websocketToken|authToken)(\\?["']?\s*[=:]\s*\\?["']?)[^\s&"',;]+/gi,
    `$1$2${REDACTED}`,
  ],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/(https?:\/\/[^\s/:@]*:)[^\s/]+@/gi, `$1${REDACTED}@`],
];

/** `text` without any living secret (as is, URL-encoded, JSON-escaped, base64) or token pattern. */
export function redact(text: string): string {
  let clean = text;
  // No spelling is shorter than its value. The longest come first: a path would not be found any
  // more after the token in it has been taken out, and what is left of it would be shown.
  const possible = [...known].filter(([value]) => value.length <= text.length)
    .sort(([a], [b]) => b.length - a.length);
  for (const [value, entry] of possible) {
    entry.spellings ??= spellingsOf(value);
    for (const spelling of entry.spellings) {
      if (clean.includes(spelling)) clean = clean.replaceAll(spelling, REDACTED);
    }
  }
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** Each way in which a value may stand in a text. */
function spellingsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  // Half a surrogate pair, which a server's JSON may hold, has no URL encoding.
  const encoded = encodeURIComponent(value.toWellFormed());
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  return [
    ...new Set([
      value,
      JSON.stringify(value).slice(1, -1),
      encoded,
      form,
      // .NET's servers write the hexadecimal digits small.
      ...[encoded, form].map((text) => text.replace(/%[0-9A-F]{2}/g, (c) => c.toLowerCase())),
      // Padding is left standing: it says nothing, and may be missing.
      bytes.toString("base64").replace(/=+$/, ""),
      bytes.toString("base64url"),
    ]),
  ];
}

/**
 * A server's text for people: secrets taken out (before it is cut, since half a secret would not
 * be known for one) and control characters escaped, so that it cannot drive the terminal.
 */
export function printable(text: string, maxLength = 300): string {
  const clean = redact(text);
  const cut = clean.length > maxLength ? `${clean.slice(0, maxLength)}…` : clean;
  return cut.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (c) =>
      c === "\n" || c === "\r" || c === "\t"
        ? " "
        : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
