/** Questions to the user. */

/** Each names the flag that would have answered it, for whoever cannot be asked. */
export interface Prompt {
  /** Whether anybody can be asked: a terminal on both sides, and no `--no-input`. */
  readonly available: boolean;
  /** One of some; lists of many can be searched by typing. */
  select<Value>(
    question: Question & { readonly choices: readonly Choice<Value>[] },
  ): Promise<Value>;
  /** A line of text. */
  input(question: Question): Promise<string>;
  /** A secret: nothing that is typed is shown. */
  password(question: Question): Promise<string>;
  confirm(question: Question & { readonly default: boolean }): Promise<boolean>;
}

export interface Question {
  readonly message: string;
  /** What answers it without asking, as `--target-resource-id`. */
  readonly flag: string;
  readonly signal?: AbortSignal;
}

export interface Choice<Value> {
  readonly label: string;
  /** What is shown beside it. */
  readonly detail?: string;
  readonly value: Value;
}
