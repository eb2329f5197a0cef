import type { Prompt as Question } from "ssh2";
import type { PluginContext, Secret } from "../../../core/mod.ts";
import { asksForPassword } from "../asks_for_password.ts";

/** What answers the questions of one attempt by keyboard-interactive, in turn. */
export interface Answerer {
  answer(questions: readonly Question[]): Promise<string[]>;
}

/**
 * The password answers the first question for it, and no other: asked again, it was wrong, and an
 * empty answer ends the attempt. Everything else is asked of the user, in the server's words.
 */
export function createAnswerer(
  password: Secret | undefined,
  ctx: Pick<PluginContext, "prompt" | "signal">,
): Answerer {
  let given = false;

  async function answerOne({ prompt, echo }: Question): Promise<string> {
    if (password && asksForPassword(prompt)) {
      if (given) return "";
      given = true;
      return password.reveal();
    }
    const question = {
      message: prompt.trim() || "The VM asks",
      flag: "--auth-type ssh-key",
      signal: ctx.signal,
    };
    return echo ? await ctx.prompt.input(question) : await ctx.prompt.password(question);
  }

  return {
    async answer(questions) {
      const answers: string[] = [];
      for (const question of questions) answers.push(await answerOne(question));
      return answers;
    },
  };
}
