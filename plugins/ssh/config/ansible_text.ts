import type { CommandContext } from "../../../core/mod.ts";
import type { HostBlock } from "./host_block.ts";

/** An inventory in YAML, of which `ansible -i` needs nothing but the file. */
export async function ansibleText(
  blocks: readonly HostBlock[],
  ctx: Pick<CommandContext, "error" | "platform">,
): Promise<string> {
  const { stringify } = await import("yaml");
  const refuse = (problem: string) =>
    ctx.error("ssh/config-format", { format: "ansible", problem });
  const hosts = blocks.map(({ host, settings, renewal, user, target }) => {
    if (renewal) throw refuse("an inventory cannot renew a certificate");
    const others = settings.filter((setting) => !/^(?:User|Port|Control\w+)=/.test(setting));
    const [first = "", ...rest] = others.flatMap((setting) => ["-o", setting]);
    const line = ctx.platform.commandLine([first, ...rest]);
    // Threat: Ansible runs what stands in such brackets, and names come from a server.
    if (/\{[{%#]/.test(line)) throw refuse("a name has brackets in it that Ansible would expand");
    return [host, {
      ...(user === undefined ? {} : { ansible_user: user }),
      ...(target === undefined || target.port === 22 ? {} : { ansible_port: target.port }),
      ansible_ssh_common_args: line,
    }] as const;
  });
  const document = { bastion: { hosts: Object.fromEntries(hosts) } };
  return stringify(document, { lineWidth: 0 });
}
