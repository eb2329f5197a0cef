/** `--auth-type password`: from stdin, or asked for without an echo. */

import { Secret } from "../../secret.ts";
import { requiredUser } from "./required_user.ts";
import type { VmSignInProvider } from "./sign_in.ts";

export const passwordSignIn: VmSignInProvider = {
  name: "password",
  async signIn(request, { prompt }) {
    const user = requiredUser(request, "password");
    const password = request.password ?? new Secret(
      await prompt.password({
        message: `Password of ${user} on ${request.target.label}`,
        flag: "--password-stdin",
        signal: request.signal,
      }),
    );
    return {
      user,
      // Many servers offer only the second, with the password as its one question.
      methods: [{ kind: "password", password }, { kind: "keyboard-interactive", password }],
      [Symbol.asyncDispose]() {
        password[Symbol.dispose]();
        return Promise.resolve();
      },
    };
  },
};
