import type { Prompt as Question } from "ssh2";
import type { PluginContext, Secret } from "../../../core/mod.ts";
import { asksForPassword } from "../asks_for_password.ts";

/** What answers the questions of one attempt by keyboard-interactive, in turn. */
export interface Answerer {
  answer(questions: readonly Question[]): Promise<string[]>;
}

/** A server that goes on for ever is not answered for ever: nobody would see it. */
const MAX_ASKED = 10;
/** So much of a question is shown, in characters. */
const MAX_QUESTION = 300;

/**
 * The password answers the first question for it, and no other: asked again, it was wrong, and an
 * empty answer ends the attempt. Everything else is asked of the user, in the server's words.
 * @param asking who asks, as `ada@app/web1:22`, and what is thrown where he does not stop
 */
export function createAnswerer(
  password: Secret | undefined,
  asking: { readonly asker: string; readonly refused: () => Error },
  ctx: Pick<PluginContext, "prompt" | "signal">,
): Answerer {
  let asked = 0;

  async function answerOne({ prompt, echo }: Question): Promise<string> {
    if (password && asksForPassword(prompt)) {
      if (++asked > MAX_ASKED) throw asking.refused();
      return asked === 1 ? password.reveal() : "";
    }
    const words = prompt.replace(/\s+/g, " ").trim().slice(0, MAX_QUESTION);
    const question = {
      // Threat: a server could ask for anything, as if it were we who ask. OpenSSH says who, too.
      message: `(${asking.asker}) ${words || "The VM asks"}`,
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
