/** Turns a sign-in, which knows no client, into OpenSSH's settings and private files. */

import { join } from "node:path";
import type { CommandContext, VmSignIn, VmSignInMethod } from "../../../core/mod.ts";
import { prepareAskpass } from "./askpass.ts";
import { pathSetting } from "./ssh_setting.ts";

export interface ClientSignIn extends AsyncDisposable {
  readonly settings: readonly string[];
  readonly env: Readonly<Record<string, string>>;
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

const PREFIX = "ssh-";
/** ssh has long signed in after so many ms, and reads nothing of it any more. */
const NEEDED = 24 * 60 * 60 * 1000;

/** Disposing of it removes the files; the sign-in itself is its owner's. */
export async function clientSignIn(
  { methods }: Pick<VmSignIn, "methods">,
  ctx: CommandContext,
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
  await using stack = new AsyncDisposableStack();
  let directory: string | undefined;
  const privateDirectory = async () => {
    if (directory !== undefined) return directory;
    const { stateDirectory } = ctx.platform;
    await Deno.mkdir(stateDirectory, { recursive: true, mode: 0o700 });
    await removeLeft(stateDirectory, ctx.clock.date().getTime());
    const made = await Deno.makeTempDir({ dir: stateDirectory, prefix: PREFIX });
    stack.defer(() => remove(made));
    return directory = made;
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
        await writePrivately(file, method.privateKey.reveal());
        settings.push(pathSetting("IdentityFile", file, ctx));
        if (method.certificate === undefined) break;
        await writePrivately(`${file}-cert.pub`, method.certificate);
        settings.push(pathSetting("CertificateFile", `${file}-cert.pub`, ctx));
        break;
      }
      case "signer":
        throw new TypeError("being built");
      case "agent":
        // `none`: the key files that ssh would try by itself are not meant.
        settings.push("IdentitiesOnly=no", "IdentityFile=none");
        if (method.socket === undefined) break;
        settings.push(pathSetting("IdentityAgent", method.socket, ctx));
        break;
    }
  }
  const owned = stack.move();
  return { settings, env, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A run that was killed could not remove its own: there may be a password in it. */
async function removeLeft(stateDirectory: string, now: number): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(stateDirectory)) {
    if (!isDirectory || !name.startsWith(PREFIX)) continue;
    const path = join(stateDirectory, name);
    try {
      const { mtime } = await Deno.lstat(path);
      if (mtime && now - mtime.getTime() > NEEDED) await remove(path);
    } catch {
      // Its owner was faster; or it cannot be removed, and is no reason to stay out of the VM.
    }
  }
}

async function remove(directory: string): Promise<void> {
  try {
    await Deno.remove(directory, { recursive: true });
  } catch (error) {
    // Another run has, after so long a session.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function writePrivately(file: string, text: string): Promise<void> {
  await Deno.writeTextFile(file, `${text.trimEnd()}\n`, { createNew: true, mode: 0o600 });
}
