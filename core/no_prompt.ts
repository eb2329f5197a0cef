/** Where nobody can be asked: every question is refused, and names the flag that answers it. */

import { bastionError } from "./errors.ts";
import type { Prompt, Question } from "./prompt.ts";

const refuse = ({ message, flag }: Question): Promise<never> =>
  Promise.reject(bastionError("input-needed", { question: message, flag }));

export const noPrompt: Prompt = {
  available: false,
  select: refuse,
  input: refuse,
  password: refuse,
  confirm: refuse,
};
