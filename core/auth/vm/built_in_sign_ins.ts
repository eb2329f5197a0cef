import type { Cloud } from "../../azure/cloud.ts";
import { createAadSignIn } from "./aad_sign_in.ts";
import { agentSignIn } from "./agent_sign_in.ts";
import { passwordSignIn } from "./password_sign_in.ts";
import type { VmSignInProvider } from "./sign_in.ts";
import { sshKeySignIn } from "./ssh_key_sign_in.ts";

/** In the order in which help lists them: az's, and ours. */
export function builtInSignIns(cloud: () => Promise<Cloud>): readonly VmSignInProvider[] {
  return [passwordSignIn, sshKeySignIn, createAadSignIn(cloud), agentSignIn];
}
