/** Ansible's forks, each of which starts an ssh, and that a `bastion proxy` of its own. */

import assert from "node:assert/strict";
import { needs } from "../helpers/needs.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { sshdPrograms } from "../helpers/sshd.ts";
import { byProxy } from "../helpers/ssh_way.ts";

const FORKS = Deno.env.get("BASTION_TEST_FULL") === "1" ? 100 : 20;

/** A command on so many hosts at once, which are one VM by many names: what it asked for in all. */
async function runOnHosts(count: number) {
  const names = Array.from({ length: count }, (_, i) => `vm-${i + 1}`);
  const asked = { tokens: 0, lookups: 0, sessions: 0 };
  await byProxy(async ({ azure, sshd, options, env }) => {
    const [inventory, settings] = [azure.file("inventory.json"), azure.file("ansible.cfg")];
    await Deno.writeTextFile(settings, "");
    const vars = {
      ansible_user: sshd.user,
      // Quotes at both its ends it takes away.
      ansible_ssh_common_args: options.map((word) => /\s/.test(word) ? `'${word}'` : word).join(
        " ",
      ),
      // Its default leaves connections that outlive it.
      ansible_ssh_args: "-o ControlMaster=no",
      ansible_ssh_timeout: 120,
    };
    const hosts = Object.fromEntries(names.map((name) => [name, {}]));
    await Deno.writeTextFile(inventory, JSON.stringify({ all: { hosts, vars } }));
    const { stdout } = await runSuccessfully(
      [
        ...["ansible", "all", "--inventory", inventory, "--forks", String(count)],
        ...["--module-name", "raw", "--args", "echo from {{ inventory_hostname }}"],
      ] as [string, ...string[]],
      {
        env: { ...env, ANSIBLE_CONFIG: settings, ANSIBLE_HOME: azure.file("ansible") },
        timeout: 600_000,
      },
    );
    for (const name of names) assert.match(stdout, new RegExp(`^from ${name}\\r?$`, "m"));
    const { accessTokensIssued, armRequests, sessionsIssued } = azure.emulator.stats();
    Object.assign(asked, {
      tokens: accessTokensIssued,
      lookups: armRequests,
      sessions: sessionsIssued,
    });
  });
  return asked;
}

needs(...sshdPrograms, "ansible").test(
  `Ansible with ${FORKS} forks: one token and one lookup for all of them`,
  async () => {
    const one = await runOnHosts(1);
    assert.deepEqual([one.tokens, one.sessions], [1, 1]);
    assert.ok(one.lookups > 0, "the count works");
    assert.deepEqual(await runOnHosts(FORKS), { ...one, sessions: FORKS });
  },
);
