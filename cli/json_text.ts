/**
 * JSON without secrets, and without anything that could drive a terminal. Secrets are taken out of
 * each text before it is encoded: afterwards, a pattern could reach over quotes and break the JSON.
 */

import { messageOf } from "../core/errors.ts";
import { redact } from "../core/secret.ts";

/** @param indent blanks a level; one line where it is left out */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === "string") return redact(member);
    if (typeof member === "bigint") return member.toString();
    if (member instanceof Error) return messageOf(member);
    if (member instanceof Uint8Array) return `${member.length} bytes`;
    if (member instanceof Map) return Object.fromEntries(member);
    return member;
  }, indent) ?? "null";
  // JSON escapes the C0 controls itself; these it lets through, and they only stand in strings.
  return text.replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
