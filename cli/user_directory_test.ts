import assert from "node:assert/strict";
import { userDirectory } from "./user_directory.ts";

Deno.test("INIT_CWD counts only in the project's directory, from source", () => {
  const cases: readonly [Parameters<typeof userDirectory>[0], string][] = [
    [{ cwd: "/p", project: "/p", initial: "/u" }, "/u"],
    [{ cwd: "/p", project: "/p" }, "/p"],
    [{ cwd: "/p", project: "/p", initial: "" }, "/p"],
    // Left over from another task.
    [{ cwd: "/u", project: "/p", initial: "/old" }, "/u"],
    [{ cwd: "/u", initial: "/old" }, "/u"],
  ];
  for (const [directories, expected] of cases) {
    assert.equal(userDirectory(directories), expected);
  }
});
