import { agentSignIn } from "./agent_sign_in.ts";
import { passwordSignIn } from "./password_sign_in.ts";
import type { VmSignInProvider } from "./sign_in.ts";
import { sshKeySignIn } from "./ssh_key_sign_in.ts";

/** The sign-ins that need nothing but the VM, in the order in which help lists them. */
export const builtInSignIns: readonly VmSignInProvider[] = [
  passwordSignIn,
  sshKeySignIn,
  agentSignIn,
];
