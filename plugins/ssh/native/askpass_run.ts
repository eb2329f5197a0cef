/** What `bastion ssh-askpass` does: answers ssh's question for the password, once. */

import type { CommandHandler } from "../../../core/mod.ts";
import { asksForPassword } from "../asks_for_password.ts";
import { PASSWORD_FILE } from "./askpass.ts";

export const run: CommandHandler = async ({ rest }, ctx) => {
  const [question = ""] = rest;
  const file = ctx.platform.env(PASSWORD_FILE);
  const kind = ctx.platform.env("SSH_ASKPASS_PROMPT");
  const forPassword = kind === undefined && asksForPassword(question);
  if (!file || !forPassword) {
    throw ctx.error("ssh/askpass-question", { question: oneLine(question) });
  }
  let password: string;
  try {
    password = await Deno.readTextFile(file);
    await Deno.remove(file);
  } catch {
    // It has been given already, and was wrong: ssh goes on to what else there is.
    return 1;
  }
  const bytes = new TextEncoder().encode(`${password}\n`);
  for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  return 0;
};

function oneLine(text: string): string {
  return JSON.stringify(text.trim().slice(0, 200));
}
