/** One thing that could be broken, and the test that must notice. */

export interface Breakage {
  /** What the program would do, as a user would find it. */
  readonly name: string;
  /** Path from the project's root. */
  readonly file: string;
  /** Text of that file, which stands there exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly test: {
    readonly file: string;
    /** The test's whole name. */
    readonly name: string;
  };
  /** What it would cost the user. */
  readonly why: string;
}
