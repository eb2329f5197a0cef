import { printable, redact } from "../secret.ts";

/** The reason in a refusal's body, as `: reason`, or nothing where it holds none for people. */
export function refusalDetail(body: string): string {
  let reason = body;
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null) {
      const found = Object.entries(parsed).find(([key, value]) =>
        /^(message|error|detail)$/i.test(key) && typeof value === "string"
      );
      reason = found ? String(found[1]) : "";
    }
  } catch {
    // Not JSON: a page for people, of which the title says most.
    const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1];
    reason = title ?? (body.trimStart().startsWith("<") ? "" : body);
  }
  const text = printable(redact(reason).trim(), 200);
  return text === "" ? "" : `: ${text}`;
}
