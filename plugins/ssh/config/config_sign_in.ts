/** What `--auth-type` comes to in ssh's configuration, which knows no secret and asks nobody. */

import { createHash } from "node:crypto";
import type {
  BastionHost,
  CommandContext,
  OptionValues,
  Target,
  VmSignInMethod,
} from "../../../core/mod.ts";
import { checkUser } from "../check_user.ts";
import { keyPath } from "../key_path.ts";
import { pathSetting } from "../native/ssh_setting.ts";
import { settingsFile } from "./kept_key.ts";
import { ownCommand } from "./own_command.ts";
import type { Renewal } from "./host_block.ts";

export interface ConfigSignIn {
  readonly user?: string;
  readonly settings: readonly string[];
  readonly renewal?: Omit<Renewal, "hosts">;
}

/** @param host whose VMs are entered: it says in which tenant */
export async function configSignIn(
  authType: string,
  host: BastionHost,
  options: OptionValues,
  given: OptionValues,
  ctx: CommandContext,
): Promise<ConfigSignIn> {
  const cannot = (why: string) => ctx.error("ssh/config-sign-in", { authType, why });
  const secret = "a password must not stand in a file, and ssh asks for it by itself";
  // It would be asked for in vain.
  if (authType === "password") throw cannot(secret);
  const user = options["username"];
  const key = keyOf(options, ctx);
  await using signIn = await ctx.signIn(authType, {
    target: anyTarget(host),
    signal: ctx.signal,
    ...(typeof user === "string" ? { user } : {}),
    ...(key === undefined ? {} : { key }),
  });
  checkUser(signIn.user, ctx);
  const settings = ["PreferredAuthentications=publickey"];
  let renewed = false;
  for (const method of signIn.methods) {
    if (method.kind === "signer") throw cannot("its key signs only while bastion runs");
    if (method.kind === "key") renewed = true;
    else if (method.kind === "key-file" || method.kind === "agent") {
      settings.push(...staticSettings(method, ctx));
    } else throw cannot(secret);
  }
  if (!signIn.methods.some(({ kind }) => kind === "agent")) settings.push("IdentitiesOnly=yes");
  return {
    ...(signIn.user === undefined ? {} : { user: signIn.user }),
    settings,
    ...(renewed ? { renewal: renewalOf(authType, host, signIn.user, key, given, ctx) } : {}),
  };
}

/** A sign-in wants to know where it leads; behind one bastion host all VMs are entered alike. */
export function anyTarget(bastionHost: BastionHost): Target {
  const { id, name, resourceGroup } = bastionHost;
  return {
    label: `the VMs behind ${resourceGroup}/${name}`,
    resourceId: id,
    port: 22,
    bastionHost,
    notes: [],
  };
}

function staticSettings(
  method: Extract<VmSignInMethod, { kind: "key-file" | "agent" }>,
  ctx: CommandContext,
): string[] {
  if (method.kind === "key-file") return [pathSetting("IdentityFile", method.path, ctx)];
  // `none`: the key files that ssh would try by itself are not meant.
  const own = ["IdentitiesOnly=no", "IdentityFile=none"];
  return method.socket === undefined
    ? own
    : [...own, pathSetting("IdentityAgent", method.socket, ctx)];
}

function renewalOf(
  authType: string,
  host: BastionHost,
  user: string | undefined,
  key: string | undefined,
  given: OptionValues,
  ctx: CommandContext,
): Omit<Renewal, "hosts"> {
  const words = [
    `--auth-type=${authType}`,
    `--bastion=${host.id}`,
    ...(user === undefined ? [] : [`--username=${user}`]),
    ...(key === undefined ? [] : [`--ssh-key=${key}`]),
  ];
  // Another sign-in is another key.
  const name = createHash("sha256")
    .update(ownCommand(["ssh-certificate", ...words], given, [], ctx)).digest("hex").slice(0, 16);
  const command = ownCommand(["ssh-certificate", ...words, name], given, [], ctx);
  // It stands in quotes that know no escape in all versions of ssh.
  if (/["\\]/.test(command)) throw ctx.error("ssh/config-command-odd", { command });
  return { command, include: settingsFile(name, ctx) };
}

/** ssh starts us in whatever directory it was started in. */
function keyOf(options: OptionValues, ctx: CommandContext): string | undefined {
  const key = options["ssh-key"];
  if (typeof key !== "string") return undefined;
  // An address is none, and what to do instead is the sign-in's to say.
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(key) ? key : keyPath(key, ctx);
}
