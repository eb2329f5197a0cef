import assert from "node:assert/strict";
import { parse } from "yaml";
import { createPlatform } from "../../../core/platform.ts";
import { ansibleText } from "./ansible_text.ts";
import type { HostBlock } from "./host_block.ts";

const ctx = {
  platform: createPlatform("linux", () => undefined),
  error: (code: string, params: Record<string, string> = {}) =>
    Object.assign(new Error(params["problem"]), { code }),
};
const block: HostBlock = {
  host: "web1.bastion",
  patterns: "web1.bastion",
  settings: ["ProxyCommand='/a b/bastion' proxy", "User=ada", "ControlMaster=auto"],
  user: "ada",
};

Deno.test("ansibleText: one line for each host, as a shell would quote it", async () => {
  assert.deepEqual(parse(await ansibleText([block], ctx)), {
    bastion: {
      hosts: {
        "web1.bastion": {
          ansible_user: "ada",
          ansible_ssh_common_args: "-o 'ProxyCommand='\\''/a b/bastion'\\'' proxy'",
        },
      },
    },
  });
});

Deno.test("ansibleText: what Ansible would run, and what it cannot renew, is refused", async () => {
  const hostile = { ...block, settings: ["ProxyCommand=x {{ lookup('pipe', 'id') }}"] };
  await assert.rejects(ansibleText([hostile], ctx), { code: "ssh/config-format" });
  const renewal = { hosts: "web1.bastion", command: "x", include: "y" };
  await assert.rejects(ansibleText([{ ...block, renewal }], ctx), /cannot renew/);
});
