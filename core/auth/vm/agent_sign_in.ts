/** `--auth-type agent`: the keys of the user's own ssh agent. */

import { bastionError } from "../../errors.ts";
import type { VmSignInProvider } from "./sign_in.ts";

export const agentSignIn: VmSignInProvider = {
  name: "agent",
  signIn({ user }, { platform }) {
    // Windows' agent is a service at a place that every client knows.
    if (platform.os !== "windows" && !platform.env("SSH_AUTH_SOCK")) {
      throw bastionError("agent-missing", {});
    }
    return {
      ...(user === undefined ? {} : { user }),
      methods: [{ kind: "agent" }],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};
