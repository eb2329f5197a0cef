/** Asks the one sign-in that `--auth-type` names, and checks what it gives: it may be a stranger's. */

import { bastionError, isBastionError, messageOf } from "../../errors.ts";
import { isRecord } from "../../record.ts";
import type { PluginContext } from "../../plugin/plugin.ts";
import type { Owned } from "../../plugin/registry.ts";
import { Secret } from "../../secret.ts";
import type { VmSignIn, VmSignInMethod, VmSignInProvider, VmSignInRequest } from "./sign_in.ts";

/** @throws BastionError `usage`, `plugin-failed`, and the sign-in's own */
export async function openSignIn(
  name: string,
  request: VmSignInRequest,
  providers: ReadonlyMap<string, Owned<VmSignInProvider>>,
  contextOf: (plugin: string) => PluginContext,
): Promise<VmSignIn> {
  const provider = providers.get(name);
  if (!provider) {
    throw bastionError("usage", {
      problem: `There is no sign-in ${name}.`,
      remedy: `These are known: ${[...providers.keys()].join(", ")}.`,
    });
  }
  const { plugin, value } = provider;
  const failed = (problem: string, cause?: unknown) =>
    bastionError("plugin-failed", { plugin, hook: `the sign-in ${name}`, problem }, cause);
  let given: unknown;
  try {
    given = await value.signIn(request, contextOf(plugin));
  } catch (error) {
    request.signal.throwIfAborted();
    throw isBastionError(error) ? error : failed(messageOf(error), error);
  }
  const problem = problemOf(given);
  if (problem !== undefined) throw failed(problem);
  return given as VmSignIn;
}

/** What each kind of method holds, judged from outside. */
const methods: Readonly<
  Record<VmSignInMethod["kind"], (method: Readonly<Record<string, unknown>>) => boolean>
> = {
  "password": ({ password }) => password instanceof Secret,
  "keyboard-interactive": ({ password }) => password instanceof Secret,
  "key-file": ({ path }) => isText(path),
  "key": ({ privateKey, certificate }) =>
    privateKey instanceof Secret && (certificate === undefined || isText(certificate)),
  "agent": ({ socket }) => socket === undefined || isText(socket),
  "signer": ({ publicKey, certificate, sign }) =>
    isText(publicKey) && (certificate === undefined || isText(certificate)) &&
    typeof sign === "function",
};

function problemOf(given: unknown): string | undefined {
  if (!isRecord(given)) return "it gave no object";
  const { user, methods: offered, expiresOn } = given as Record<string, unknown>;
  if (user !== undefined && !isText(user)) return "its user is not text";
  if (expiresOn !== undefined && typeof expiresOn !== "number") return "its end is no number";
  if (!Array.isArray(offered) || offered.length === 0) return "it gave no methods";
  for (const method of offered) {
    const kind: unknown = isRecord(method) ? method["kind"] : undefined;
    if (typeof kind !== "string" || !Object.hasOwn(methods, kind)) {
      return `there is no method ${String(kind)}`;
    }
    if (!methods[kind as VmSignInMethod["kind"]](method)) return `its ${kind} is not complete`;
  }
  if (typeof (given as Partial<VmSignIn>)[Symbol.asyncDispose] !== "function") {
    return "it cannot be disposed of";
  }
  return undefined;
}

function isText(value: unknown): value is string {
  // One line: certificates and paths go into files and arguments that end with it.
  return typeof value === "string" && value !== "" && !/[\0\r\n]/.test(value.trimEnd());
}
