import { printable, redact } from "../core/secret.ts";

/** Text for people: no secrets, and no control characters but the ends of lines. */
export function plainText(text: string): string {
  return redact(text).split("\n").map((line) => printable(line, Infinity)).join("\n");
}
