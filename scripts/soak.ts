/**
 * `deno task soak [--seconds N] [--seed N]`: random faults under load, for five minutes where nothing
 * else is said; see tests/integration/soak_test.ts, which this runs.
 */

import { parseArgs } from "node:util";
import { projectRoot } from "./project_files.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { seconds: { type: "string", default: "300" }, seed: { type: "string" } },
});
const given = [values.seconds, ...(values.seed === undefined ? [] : [values.seed])];
if (!given.every((text) => /^\d{1,9}$/.test(text))) {
  console.error("--seconds and --seed take a whole number");
  Deno.exit(2);
}
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["test", "-A", "--sanitize-ops", "--sanitize-resources"],
    "tests/integration/soak_test.ts",
  ],
  cwd: projectRoot,
  env: {
    BASTION_TEST_FULL: "1",
    BASTION_SOAK_SECONDS: values.seconds,
    ...(values.seed === undefined ? {} : { BASTION_SOAK_SEED: values.seed }),
  },
}).spawn().status;
Deno.exit(code);
