/** What the host is offered, one after the other, until it lets the user in. */

import { join } from "node:path";
import type { AnyAuthMethod } from "ssh2";
import type {
  OptionValues,
  PluginContext,
  Secret,
  SshSigner,
  VmSignInMethod,
} from "../../../core/mod.ts";
import { keyPath } from "../key_path.ts";
import type { SessionPlan } from "../session_plan.ts";
import { signerRefusal } from "../signer_refusal.ts";
import { agentKey } from "./agent_key.ts";
import { createAnswerer } from "./answer_questions.ts";
import { createKeySigner } from "./key_signer.ts";
import { privateKey } from "./private_key.ts";
import { readKeyFile } from "./read_key_file.ts";
import { signersAgent } from "./signers_agent.ts";

export interface SignInDoors {
  readonly username: string;
  /** Whether the host takes it now, as far as it has said. */
  offers(method: "publickey" | "password" | "keyboard-interactive"): boolean;
  /** Ends the sign-in, and the connection. */
  fail(error: unknown): void;
  /** Shows the user what the host has to say. */
  say(text: string): void;
  /** Aborts when it is over, and nothing need be asked any more. */
  readonly signal: AbortSignal;
}

type Context = Pick<
  PluginContext,
  "cwd" | "describeError" | "error" | "log" | "platform" | "prompt" | "secret"
>;

/** As often as OpenSSH asks. */
const PROMPTS = 3;
/** OpenSSH's own, of the types that can be used here. */
const DEFAULT_KEYS = ["id_ed25519", "id_ecdsa", "id_rsa"];
/** Where the agent of Windows listens. */
const WINDOWS_AGENT = "\\\\.\\pipe\\openssh-ssh-agent";

/**
 * With a sign-in its methods, in their order, and no other. Without one what OpenSSH would do: the
 * agent, `--ssh-key` or else the usual keys, and questions to the user.
 */
export async function* signInAttempts(
  { signIn, target }: SessionPlan,
  options: OptionValues,
  doors: SignInDoors,
  ctx: Context,
): AsyncGenerator<AnyAuthMethod> {
  const { username, offers, signal } = doors;
  // Its refusal tells what the host takes.
  yield { type: "none", username };
  if (signIn) {
    for (const method of signIn.methods) yield* byMethod(method);
    return;
  }
  const socket = agentSocket(undefined);
  if (socket !== undefined && offers("publickey")) {
    yield { type: "agent", username, agent: socket };
  }
  for (const path of keyFiles()) {
    if (offers("publickey")) yield* byUsualKey(path);
  }
  for (let i = 0; i < PROMPTS && offers("keyboard-interactive"); i++) yield byQuestions(undefined);
  for (let i = 0; i < PROMPTS && offers("password"); i++) {
    const message = `${i > 0 ? "Refused. " : ""}Password of ${username} on ${target.label}`;
    const question = { message, flag: "--password-stdin", signal };
    using password = ctx.secret(await ctx.prompt.password(question));
    yield { type: "password", username, password: password.reveal() };
  }

  async function* byMethod(method: VmSignInMethod): AsyncGenerator<AnyAuthMethod> {
    switch (method.kind) {
      case "password":
        if (!offers("password")) return;
        yield { type: "password", username, password: method.password.reveal() };
        return;
      case "keyboard-interactive":
        if (offers("keyboard-interactive")) yield byQuestions(method.password);
        return;
      case "agent": {
        const agent = agentSocket(method.socket);
        if (agent !== undefined && offers("publickey")) yield { type: "agent", username, agent };
        return;
      }
      case "key-file":
        if (offers("publickey")) yield* byFile(method.path, doors.fail);
        return;
      case "key": {
        const { privateKey, certificate } = method;
        const key = { text: privateKey.reveal(), ...(certificate ? { certificate } : {}) };
        const signer = await createKeySigner(key, keyDoors("of the sign-in"));
        if (offers("publickey")) yield byKeys([signer], doors.fail);
        return;
      }
      case "signer":
        if (!offers("publickey")) return;
        yield byKeys([method], (error) => doors.fail(signerRefusal(error, ctx)));
        return;
    }
  }

  /** One that cannot be used is left out, as OpenSSH does. */
  async function* byUsualKey(path: string): AsyncGenerator<AnyAuthMethod> {
    const skip = (error: unknown) => {
      if (error instanceof Deno.errors.NotFound && options["ssh-key"] === undefined) return;
      const problem = error instanceof Error ? error.message : String(error);
      ctx.log.warning("a key is left out", { file: path, problem });
    };
    try {
      yield* byFile(path, skip);
    } catch (error) {
      signal.throwIfAborted();
      skip(error);
    }
  }

  function byQuestions(password: Secret | undefined): AnyAuthMethod {
    const params = { target: target.label, user: username, authType: signIn?.name ?? "" };
    const answerer = createAnswerer(password, {
      asker: `${username}@${target.label}`,
      refused: () => ctx.error("ssh/permission-denied", params),
    }, { prompt: ctx.prompt, signal });
    return {
      type: "keyboard-interactive",
      username,
      prompt(name, instructions, _language, questions, finish) {
        for (const text of [name, instructions]) if (text.trim() !== "") doors.say(text);
        answerer.answer(questions).then((answers) => {
          // ssh2 must not be told of what comes when it is over.
          if (!signal.aborted) finish(answers);
        }, doors.fail);
      },
    };
  }

  function byKeys(
    signers: readonly SshSigner[],
    onFailure: (error: unknown) => void,
  ): AnyAuthMethod {
    const unusable = keyDoors("of the sign-in").unusable;
    return {
      type: "agent",
      username,
      agent: signersAgent(signers, { onFailure, unusable, signal }),
    };
  }

  /** The key, and before it the key with the certificate that stands beside it. */
  async function* byFile(
    path: string,
    onFailure: (error: unknown) => void,
  ): AsyncGenerator<AnyAuthMethod> {
    const { text, certificate } = await readKeyFile(path, ctx);
    const signer = await createKeySigner({ text }, keyDoors(path));
    const socket = agentSocket(undefined);
    if (socket !== undefined && privateKey(text).encrypted) {
      yield { type: "agent", username, agent: agentKey(socket, signer.publicKey) };
    }
    const [type] = signer.publicKey.split(" ");
    const certified = certificate?.startsWith(`${type}-cert-`) ? [{ ...signer, certificate }] : [];
    yield byKeys([...certified, signer], onFailure);
  }

  function keyDoors(file: string) {
    return {
      askPassphrase: (again: boolean) =>
        ctx.prompt.password({
          message: `${again ? "That was not it. " : ""}Passphrase of ${file}`,
          flag: "--auth-type agent",
          signal,
        }),
      wrongPassphrase: () => ctx.error("ssh/passphrase-wrong", { file }),
      unusable: (problem: string) => ctx.error("ssh/builtin-key", { file, problem }),
    };
  }

  function agentSocket(given: string | undefined): string | undefined {
    return given ?? (ctx.platform.env("SSH_AUTH_SOCK") || undefined) ??
      (ctx.platform.os === "windows" ? WINDOWS_AGENT : undefined);
  }

  function keyFiles(): string[] {
    const { "ssh-key": given } = options;
    if (typeof given === "string") return [keyPath(given, ctx)];
    return DEFAULT_KEYS.map((name) => join(ctx.platform.home, ".ssh", name));
  }
}
