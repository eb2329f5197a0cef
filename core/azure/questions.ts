/** Questions to Resource Manager that several ask at once: each is in flight once. */

import type { Clock } from "../clock.ts";

interface Question {
  readonly answer: Promise<unknown>;
  readonly stop: AbortController;
  /** How many wait for the answer. */
  waiting: number;
  /** By the clock, how long the answer is good; undefined while it is in flight. */
  goodUntil?: number;
}

export interface Questions {
  /**
   * The answer of `ask`, which is not asked again while it is in flight, nor for `keep` ms after.
   * It goes on as long as anybody waits for it. Failures are not kept.
   * @throws what `ask` throws; the signal's reason
   */
  ask<Answer>(
    key: string,
    signal: AbortSignal | undefined,
    ask: (signal: AbortSignal) => Promise<Answer>,
    keep?: number,
  ): Promise<Answer>;
}

export function createQuestions(clock: Clock): Questions {
  const asked = new Map<string, Question>();

  function forget(key: string, question: Question): void {
    if (asked.get(key) === question) asked.delete(key);
  }

  function begin(
    key: string,
    ask: (signal: AbortSignal) => Promise<unknown>,
    keep: number,
  ): Question {
    const stop = new AbortController();
    const question: Question = { answer: ask(stop.signal), stop, waiting: 0 };
    asked.set(key, question);
    question.answer.then(
      () => question.goodUntil = clock.now() + keep,
      () => forget(key, question),
    );
    return question;
  }

  return {
    async ask<Answer>(
      key: string,
      signal: AbortSignal | undefined,
      ask: (signal: AbortSignal) => Promise<Answer>,
      keep = 0,
    ): Promise<Answer> {
      signal?.throwIfAborted();
      let question = asked.get(key);
      if (question?.goodUntil !== undefined && question.goodUntil <= clock.now()) {
        question = undefined;
      }
      question ??= begin(key, ask, keep);
      question.waiting++;
      try {
        // What is known under a key is what was asked for under it.
        return await unlessAborted(question.answer, signal) as Answer;
      } finally {
        question.waiting--;
        if (question.waiting === 0 && question.goodUntil === undefined) {
          forget(key, question);
          question.stop.abort();
        }
      }
    },
  };
}

function unlessAborted(answer: Promise<unknown>, signal?: AbortSignal): Promise<unknown> {
  if (!signal) return answer;
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([answer, promise]).finally(() => signal.removeEventListener("abort", stop));
}
