/**
 * Programs that start ssh by themselves, over an installed ssh-config and over the inventory that
 * `ssh-config print` gives. scp, sftp, rsync and git are in ssh_clients_test.ts.
 */

import assert from "node:assert/strict";
import { randomBytes, sha256OfFile } from "../helpers/file_tree.ts";
import { needs } from "../helpers/needs.ts";
import { runProgram, runSuccessfully } from "../helpers/run.ts";
import { type SshConfigWay, withSshConfig } from "../helpers/ssh_config_way.ts";
import { sshdPrograms } from "../helpers/sshd.ts";

function signIn({ sshd }: SshConfigWay): string[] {
  return ["--username", sshd.user, "--ssh-key", sshd.identityFile];
}

needs(...sshdPrograms).test(
  "ControlMaster: two ssh go by one connection, which outlives them",
  () =>
    withSshConfig(async (way) => {
      const { azure, home, change, ssh } = way;
      const installed = await change("install", [...signIn(way), "--control-persist", "60s"]);
      const [, path = ""] = /^ {2}ControlPath "(.*)\/%C"$/m.exec(installed) ?? [];
      assert.equal(path, `${home}/.ssh/bastion`);
      assert.equal((await Deno.stat(path)).mode, 0o40700);
      for (const said of ["one", "two"]) {
        const { stdout, stderr } = await ssh(["web1.bastion", `echo ${said}`]);
        assert.equal(stdout, `${said}\n`, stderr);
      }
      const both = ["web1.bastion", "-o", "ControlMaster=auto"];
      const runs = await Promise.all([1, 2, 3].map((i) => ssh([...both, `echo ${i}`])));
      assert.deepEqual(runs.map(({ stdout }) => stdout), ["1\n", "2\n", "3\n"]);
      const { sessionsIssued, outstandingSessions } = azure.emulator.stats();
      assert.deepEqual({ sessionsIssued, outstandingSessions }, {
        sessionsIssued: 1,
        outstandingSessions: 1,
      });
      // bastion ssh has connections of its own, as its options say.
      const { code } = await way.bastion(["ssh", "web1", ...signIn(way), "true"]);
      assert.deepEqual([code, azure.emulator.stats().sessionsIssued], [0, 2]);
      assert.equal((await ssh(["-O", "exit", "web1.bastion"])).code, 0);
    }),
);

/** Copies a file there, lets a command and a template work on it, and fetches what they made. */
async function play(
  { azure, env }: SshConfigWay,
  inventory: string,
  sshArgs: string,
): Promise<void> {
  const [sent, fetched] = [azure.file("sent"), azure.file("fetched")];
  await Deno.writeFile(sent, randomBytes(1024 ** 2));
  await Deno.writeTextFile(azure.file("greeting.j2"), "{{ greeting }} {{ inventory_hostname }}\n");
  const there = azure.file("there");
  await Deno.writeTextFile(
    azure.file("playbook.yml"),
    JSON.stringify([{
      hosts: "all",
      gather_facts: false,
      vars: { greeting: "hello" },
      tasks: [
        { copy: { src: sent, dest: there } },
        { command: { argv: ["cp", there, `${there}.copy`] } },
        { template: { src: azure.file("greeting.j2"), dest: `${there}.greeting` } },
        { fetch: { src: `${there}.copy`, dest: fetched, flat: true } },
      ],
    }]),
  );
  const { stdout } = await runSuccessfully(
    ["ansible-playbook", "-i", inventory, azure.file("playbook.yml")],
    {
      env: {
        ...env,
        ANSIBLE_SSH_ARGS: `${sshArgs} -o ControlMaster=auto -o ControlPersist=1s`,
        ANSIBLE_REMOTE_TEMP: azure.file("remote"),
        ANSIBLE_LOCAL_TEMP: azure.file("local"),
        ANSIBLE_PYTHON_INTERPRETER: "auto_silent",
        LC_ALL: "C.UTF-8",
      },
      inherit: false,
      timeout: 120_000,
    },
  );
  assert.match(stdout, /web1\.bastion .*ok=4 .*changed=4 .*unreachable=0 .*failed=0/);
  assert.equal(await sha256OfFile(fetched), await sha256OfFile(sent));
  assert.equal(await Deno.readTextFile(`${there}.greeting`), "hello web1.bastion\n");
}

const ansible = needs(...sshdPrograms, "ansible-playbook");

ansible.test("an Ansible playbook runs over an installed ssh-config", () =>
  withSshConfig(async (way) => {
    await way.change("install", [...signIn(way), "--control-persist", "0"]);
    await play(way, "web1.bastion,", `-F ${way.config}`);
  }));

ansible.test("an Ansible playbook runs over the inventory alone", () =>
  withSshConfig(async (way) => {
    const inventory = way.azure.file("hosts.yml");
    const print = ["ssh-config", "print", "--format", "ansible", ...signIn(way)];
    const { code, stdout, stderr } = await way.bastion(print);
    assert.equal(code, 0, stderr);
    await Deno.writeTextFile(inventory, stdout);
    await play(way, inventory, "-F none");
    const known = await Deno.readTextFile(`${way.azure.stateDirectory}/known_hosts`);
    assert.ok(known.startsWith(`${way.azure.vmId.toLowerCase()} `));
  }));

needs(...sshdPrograms).test(
  "print: the same for programs, with every setting that ssh will have",
  () =>
    withSshConfig(async (way) => {
      await way.change("install", [...signIn(way), "web1", "--control-persist", "0"]);
      const words = ["ssh-config", "print", "--json", "--all", ...signIn(way)];
      const { stdout } = await way.bastion([...words, "--control-persist", "0"]);
      const { hosts: [host] } = JSON.parse(stdout);
      assert.deepEqual(
        [host.host, host.target.resourceId],
        ["web1.bastion", way.azure.vmId],
      );
      const { stdout: settings } = await way.ssh(["-G", "web1.bastion"]);
      for (const name of ["ProxyCommand", "HostKeyAlias", "UserKnownHostsFile", "User"]) {
        assert.ok(
          settings.includes(`\n${name.toLowerCase()} ${host.settings[name]}\n`) ||
            settings.startsWith(`${name.toLowerCase()} ${host.settings[name]}\n`),
          name,
        );
      }
      const terminal = await way.bastion([
        "ssh-config",
        "print",
        "--format=windows-terminal",
        ...signIn(way),
      ]);
      const { profiles: [{ name, commandline }] } = JSON.parse(terminal.stdout);
      assert.equal(name, "web1");
      const session = await runProgram(["sh", "-c", `${commandline} -- echo hi`], {
        env: way.env,
        inherit: false,
      });
      assert.equal(session.stdout, "hi\n", session.stderr);
    }),
);
