/** The credential of whoever has signed in by `bastion login`. */

import type { CredentialProvider } from "../credential.ts";
import { credentialOf } from "./credential_of.ts";
import { openLoginFile } from "./login_file.ts";

export const loginProvider: CredentialProvider = {
  name: "login",
  async create(source) {
    const file = openLoginFile(source);
    const { signIns } = await file.read();
    const { authority, name } = source.cloud;
    const signIn = signIns.find((one) => one.authority === authority);
    if (signIn) return await credentialOf(source, file, signIn);
    return {
      absent: signIns.length === 0
        ? "nobody is signed in (run: bastion login)"
        : `nobody is signed in to ${name} (run: bastion login)`,
    };
  },
};
