/** The few pages that the emulator shows to a browser. */

import type { ServerResponse } from "node:http";

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly type: "text" | "password" | "hidden";
  readonly value?: string;
}

export interface Page {
  readonly title: string;
  readonly text: string;
  /** Where its form goes, and with what. */
  readonly form?: {
    readonly action: string;
    readonly fields: readonly FormField[];
    /** Sent without anyone's doing. */
    readonly isAutomatic?: boolean;
  };
}

export function sendPage(response: ServerResponse, status: number, page: Page): void {
  const { title, text, form } = page;
  const html = [
    `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>${escape(title)}</title>`,
    `<h1>${escape(title)}</h1><p>${escape(text)}</p>`,
    form ? describeForm(form) : "",
    "</html>\n",
  ].join("\n");
  const bytes = new TextEncoder().encode(html);
  response.writeHead(status, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Length": bytes.length,
    "Cache-Control": "no-store",
  });
  response.end(bytes);
}

function describeForm({ action, fields, isAutomatic }: NonNullable<Page["form"]>): string {
  const inputs = fields.map(({ name, label, type, value = "" }) => {
    const input = `<input type="${type}" name="${escape(name)}" value="${escape(value)}">`;
    return type === "hidden" ? input : `<p><label>${escape(label)} ${input}</label></p>`;
  });
  return [
    `<form method="post" action="${escape(action)}">`,
    ...inputs,
    "<button>Go on</button></form>",
    isAutomatic ? "<script>document.forms[0].submit()</script>" : "",
  ].join("\n");
}

/** What comes from a request is text, and nothing else. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
