/**
 * Puts the plugins' questions to the user one after another, whoever asks at once, and counts the
 * time that this takes: time limits of those who wait for an answer stop meanwhile.
 */

import type { Clock } from "./clock.ts";
import type { Prompt, Question } from "./prompt.ts";

export interface Questions {
  readonly prompt: Prompt;
  /** Milliseconds so far in which a question was open, or waited for its turn. */
  asked(): number;
}

export function createQuestions(prompt: Prompt, clock: Clock): Questions {
  let open = 0;
  let since = 0;
  let total = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function inTurn<Answer>(question: Question, ask: () => Promise<Answer>): Promise<Answer> {
    if (open++ === 0) since = clock.now();
    const mine = last.then(() => {
      question.signal?.throwIfAborted();
      return ask();
    });
    last = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      if (--open === 0) total += clock.now() - since;
    }
  }

  return {
    asked: () => total + (open > 0 ? clock.now() - since : 0),
    prompt: {
      available: prompt.available,
      select: (question) => inTurn(question, () => prompt.select(question)),
      input: (question) => inTurn(question, () => prompt.input(question)),
      password: (question) => inTurn(question, () => prompt.password(question)),
      confirm: (question) => inTurn(question, () => prompt.confirm(question)),
    },
  };
}
