/** Puts one question, as the program does: its kind is the argument. The answer goes to stdout. */

import { createTerminalPrompt } from "../../cli/terminal_prompt.ts";

const end = new AbortController();
const codes: Record<string, number> = { SIGINT: 130, SIGTERM: 143 };
let code = 0;
const stop = (signal: string) => {
  code = codes[signal] ?? 1;
  end.abort(new Error(signal));
};
const onTerm = () => stop("SIGTERM");
Deno.addSignalListener("SIGTERM", onTerm);
const prompt = createTerminalPrompt(end.signal, () => stop("SIGINT"));
const question = { message: "Which?\x1b[31m", flag: "--x" };
const choices = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    label: `vm${index + 1}`,
    detail: index % 2 === 0 ? "running" : "stopped",
    value: index + 1,
  }));

async function answer(kind: string | undefined): Promise<unknown> {
  switch (kind) {
    case "select":
      return await prompt.select({ ...question, choices: choices(3) });
    case "search":
      return await prompt.select({ ...question, choices: choices(40) });
    case "input":
      return await prompt.input(question);
    case "password":
      return await prompt.password(question);
    default:
      return await prompt.confirm({ ...question, default: true });
  }
}

try {
  console.log(JSON.stringify(await answer(Deno.args[0])));
} catch (error) {
  if (code === 0) throw error;
}
Deno.removeSignalListener("SIGTERM", onTerm);
Deno.exit(code);
