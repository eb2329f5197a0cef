/**
 * Asks on the terminal: questions go to stderr, since stdout carries what was asked for. The library
 * puts the terminal into raw mode while a question is open, and back after it, also where the
 * question ends by its signal.
 */

import process from "node:process";
import type { Choice, Prompt, Question } from "../core/prompt.ts";
import { plainText } from "./plain_text.ts";

/** More than a screen holds are searched by typing. */
const PAGE = 12;

/**
 * @param signal the program's end, with which every question ends
 * @param onInterrupt Ctrl-C, which a terminal in raw mode hands over as a letter
 */
export function createTerminalPrompt(signal: AbortSignal, onInterrupt: () => void): Prompt {
  async function ask<Answer>(
    question: Question,
    put: (
      prompts: typeof import("@inquirer/prompts"),
      context: { output: NodeJS.WritableStream; signal: AbortSignal },
    ) => Promise<Answer>,
  ): Promise<Answer> {
    const ended = question.signal ? AbortSignal.any([signal, question.signal]) : signal;
    ended.throwIfAborted();
    const prompts = await import("@inquirer/prompts");
    try {
      return await put(prompts, { output: process.stderr, signal: ended });
    } catch (error) {
      if (error instanceof Error && error.name === "ExitPromptError") onInterrupt();
      ended.throwIfAborted();
      throw error;
    }
  }

  return {
    available: true,
    select(question) {
      const choices = question.choices.map(({ label, detail, value }) => ({
        name: plainText(detail === undefined ? label : `${label}  ${detail}`),
        short: plainText(label),
        value,
      }));
      return ask(question, ({ search, select }, context) => {
        const message = plainText(question.message);
        return choices.length <= PAGE
          ? select({ message, choices, pageSize: PAGE }, context)
          : search({
            message,
            pageSize: PAGE,
            source: (typed) => choices.filter(({ name }) => matches(name, typed)),
          }, context);
      });
    },
    input: (question) =>
      ask(
        question,
        ({ input }, context) =>
          input({ message: plainText(question.message), required: true }, context),
      ),
    password: (question) =>
      ask(
        question,
        ({ password }, context) =>
          password({ message: plainText(question.message), mask: false }, context),
      ),
    confirm: (question) =>
      ask(
        question,
        ({ confirm }, context) =>
          confirm({ message: plainText(question.message), default: question.default }, context),
      ),
  };
}

/** Every word that was typed stands somewhere in the name. */
function matches(name: Choice<unknown>["label"], typed: string | undefined): boolean {
  const lower = name.toLowerCase();
  return (typed ?? "").toLowerCase().split(/\s+/).every((word) => lower.includes(word));
}
