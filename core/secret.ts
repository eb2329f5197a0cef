/**
 * A value that must not be shown: it prints as `[redacted]` wherever a program may print it, and
 * while it lives, {@linkcode redact} takes it out of any text, in the spellings it could leak in.
 *
 * Threat: tokens travel in URLs and form bodies, and the errors of HTTP stacks, of servers that
 * echo what they were sent, and of `JSON.stringify` all repeat them.
 */

const REDACTED = "[redacted]";
/** Shorter values would take ordinary words out of texts; no real token is this short. */
const MIN_LENGTH = 6;

/** Values of living secrets, counted, since two secrets may hold one value. */
const known = new Map<string, number>();

export class Secret implements Disposable {
  #value: string;

  constructor(value: string) {
    this.#value = value;
    if (value.length >= MIN_LENGTH) known.set(value, (known.get(value) ?? 0) + 1);
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
    const count = known.get(this.#value);
    if (count === undefined) return;
    if (count > 1) known.set(this.#value, count - 1);
    else known.delete(this.#value);
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
  [/(\/api\/tokens\/|\/webtunnelv2\/|\/omni\/webtunnel\/)[^\s?"'<>)\]]+/gi, `$1${REDACTED}`],
  // JSON web tokens: three base64url parts, the first two being JSON objects.
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, REDACTED],
  // Form fields and headers of the requests that carry credentials.
  [
    /\b(aztoken|client_secret|client_assertion|refresh_token|access_token|websocketToken|authToken)("?\s*[=:]\s*"?)[^\s&"',;]+/gi,
    `$1$2${REDACTED}`,
  ],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/(https?:\/\/[^\s/:@]*:)[^\s/@]+@/gi, `$1${REDACTED}@`],
];

/** `text` without any living secret (as is, URL-encoded, JSON-escaped, base64) or token pattern. */
export function redact(text: string): string {
  let clean = text;
  for (const value of known.keys()) {
    for (const spelling of spellings(value)) {
      if (clean.includes(spelling)) clean = clean.replaceAll(spelling, REDACTED);
    }
  }
  for (const [pattern, replacement] of PATTERNS) clean = clean.replace(pattern, replacement);
  return clean;
}

/** Each way in which a value may stand in a text. */
function spellings(value: string): Set<string> {
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(value)));
  return new Set([
    value,
    encodeURIComponent(value),
    new URLSearchParams({ v: value }).toString().slice(2),
    JSON.stringify(value).slice(1, -1),
    base64,
    base64.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_"),
  ]);
}

/** Control characters of a server's text are escaped, so that it cannot drive the terminal. */
export function printable(text: string, maxLength = 300): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  // deno-lint-ignore no-control-regex -- control characters are what this is about
  return cut.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (c) =>
      c === "\n" || c === "\r" || c === "\t"
        ? " "
        : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
