/** What `bastion config check` does: names every line that is wrong, not only the first. */

import type { CommandHandler } from "../../core/mod.ts";

export const run: CommandHandler = (_invocation, ctx) => {
  const { file, exists, problems, failure } = ctx.configuration;
  const valid = problems.length === 0 && failure === undefined;
  const failed = failure === undefined ? {} : { failure: ctx.describeError(failure) };
  ctx.out.result({ file, exists, valid, problems, ...failed });
  if (failure !== undefined) ctx.out.failure(failure);
  for (const problem of problems) {
    ctx.out.line(
      `${file}:${problem.line}:${problem.column}: ${problem.problem}. ${problem.remedy}`,
    );
  }
  if (valid) ctx.out.line(exists ? `${file} is right.` : `There is no ${file}: nothing is set.`);
  return Promise.resolve(valid ? undefined : "configuration");
};
