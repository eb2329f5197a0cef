/**
 * The directory that the user's relative paths are relative to. `deno task` runs what it runs in
 * the project's directory, and leaves the user's in INIT_CWD. It counts only there: any other
 * INIT_CWD is a stranger's, left over from a task that runs us in passing. Pure.
 */

export interface Directories {
  /** Where the process was started; absolute. */
  readonly cwd: string;
  /** Where deno.json stands, running from source; absent in a compiled program. */
  readonly project?: string | undefined;
  /** INIT_CWD. */
  readonly initial?: string | undefined;
}

export function userDirectory({ cwd, project, initial }: Directories): string {
  return initial && cwd === project ? initial : cwd;
}
