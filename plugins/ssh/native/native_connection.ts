/** What a connection's channels share, whether they go by one ssh's connection or each by its own. */

import type { PluginContext, StartedProgram } from "../../../core/mod.ts";

export interface NativeConnection {
  /** ssh's full path. */
  readonly program: string;
  /** What every run is told first: the way, and what is not meant here. */
  readonly words: readonly string[];
  /** Private, for logs and sockets. */
  readonly directory: string;
  readonly target: string;
  readonly ctx: PluginContext;
  readonly master?: Master;
}

/** The ssh whose connection the others go by. */
export interface Master {
  /** How others reach it. */
  readonly words: readonly string[];
  isAlive(): Promise<boolean>;
  /** Why it has ended; one that others do not reach any longer is ended first. */
  whyLost(): Promise<Error>;
  readonly process: StartedProgram;
}
