/** Turns a sign-in, which knows no client, into OpenSSH's settings and private files. */

import { join } from "node:path";
import type { PluginContext, SshSigner, VmSignIn, VmSignInMethod } from "../../../core/mod.ts";
import { prepareAskpass } from "./askpass.ts";
import { openRunDirectory, type RunDirectory } from "./run_directory.ts";
import { openSigningAgent, type SigningAgent } from "./signing_agent.ts";
import { pathSetting } from "./ssh_setting.ts";
import { writeIdentity } from "./write_identity.ts";

export interface ClientSignIn extends AsyncDisposable {
  readonly settings: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Why a key that only signs has not, where it was asked to. */
  refusal(): Error | undefined;
}

/** What OpenSSH calls each way. */
const AUTHENTICATION = {
  "password": "password",
  "keyboard-interactive": "keyboard-interactive",
  "key-file": "publickey",
  "key": "publickey",
  "agent": "publickey",
  "signer": "publickey",
} as const satisfies Record<VmSignInMethod["kind"], string>;

/** Disposing of it removes the files; the sign-in itself is its owner's. */
export async function clientSignIn(
  { methods }: Pick<VmSignIn, "methods">,
  ctx: PluginContext,
): Promise<ClientSignIn> {
  const wanted = new Set(methods.map(({ kind }) => AUTHENTICATION[kind]));
  const byKey = wanted.has("publickey");
  const settings = [
    `PreferredAuthentications=${[...wanted].join(",")}`,
    // An agent full of keys would use up the attempts that the server allows.
    ...(byKey ? [] : ["PubkeyAuthentication=no"]),
    ...(byKey && !methods.some(({ kind }) => kind === "agent") ? ["IdentitiesOnly=yes"] : []),
  ];
  const env: Record<string, string> = {};
  const signers: SshSigner[] = [];
  await using stack = new AsyncDisposableStack();
  let directory: RunDirectory | undefined;
  const privateDirectory = async () => {
    directory ??= stack.use(await openRunDirectory(ctx));
    return directory.path;
  };
  for (const [index, method] of methods.entries()) {
    switch (method.kind) {
      case "password":
      case "keyboard-interactive": {
        if (env["SSH_ASKPASS"] !== undefined) break;
        const answers = { directory: await privateDirectory(), password: method.password };
        Object.assign(env, await prepareAskpass(answers, ctx));
        // A wrong one stays wrong, and a server counts.
        settings.push("NumberOfPasswordPrompts=1");
        break;
      }
      case "key-file":
        settings.push(pathSetting("IdentityFile", method.path, ctx));
        break;
      case "key": {
        const file = join(await privateDirectory(), `key-${index}`);
        const { privateKey, certificate } = method;
        const key = { text: privateKey.reveal(), isPublic: false, certificate };
        settings.push(...await writeIdentity(file, key, ctx));
        break;
      }
      case "signer": {
        const file = join(await privateDirectory(), `key-${index}`);
        // The public half says which of the agent's keys is meant; of two, which comes first.
        const { publicKey, certificate } = method;
        const key = { text: publicKey, isPublic: true, certificate };
        settings.push(...await writeIdentity(file, key, ctx));
        signers.push(method);
        break;
      }
      case "agent":
        // `none`: the key files that ssh would try by itself are not meant.
        settings.push("IdentitiesOnly=no", "IdentityFile=none");
        if (method.socket === undefined) break;
        settings.push(pathSetting("IdentityAgent", method.socket, ctx));
        break;
    }
  }
  let agent: SigningAgent | undefined;
  if (signers.length > 0) {
    agent = stack.use(await openSigningAgent(signers, await privateDirectory(), ctx));
    // Threat: forwarded, it would sign for whoever rules the VM.
    settings.push(pathSetting("IdentityAgent", agent.path, ctx), "ForwardAgent=no");
  }
  const owned = stack.move();
  return {
    settings,
    env,
    refusal: () => agent?.refusal,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
