import type { VmSignInMethod } from "../../core/mod.ts";
import type { Goal } from "./find_goal.ts";

/** What a client is told: where to go, and how to enter. */
export interface SessionPlan extends Goal {
  /** Whom to sign in; where it is left out it is the client's to choose. */
  readonly user?: string;
  /** What `--auth-type` came to; without it the client does what OpenSSH would. */
  readonly signIn?: {
    /** As in `--auth-type`. */
    readonly name: string;
    readonly methods: readonly VmSignInMethod[];
    /** Milliseconds since 1970 after which it opens no more sessions. */
    readonly expiresOn?: number;
  };
}
