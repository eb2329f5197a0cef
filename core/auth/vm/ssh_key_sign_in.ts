/** `--auth-type ssh-key`: a private key in a file of the user's. */

import { resolve } from "node:path";
import { bastionError } from "../../errors.ts";
import { checkKeyFile } from "./check_key_file.ts";
import { requiredUser } from "./required_user.ts";
import type { VmSignInProvider } from "./sign_in.ts";

export const sshKeySignIn: VmSignInProvider = {
  name: "ssh-key",
  async signIn(request, { cwd, platform }) {
    const user = requiredUser(request, "ssh-key");
    const { key, target } = request;
    if (key === undefined) throw bastionError("sign-in-key-missing", { target: target.label });
    // What PowerShell and a config file leave of it.
    const named = /^~[\\/]/.test(key) ? `${platform.home}${key.slice(1)}` : key;
    const path = resolve(cwd, named);
    await checkKeyFile({ given: key, path }, platform);
    return {
      user,
      methods: [{ kind: "key-file", path }],
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};
