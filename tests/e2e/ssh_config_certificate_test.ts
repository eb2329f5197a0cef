/** `bastion ssh-config --auth-type aad`: certificates that renew themselves, by the real ssh. */

import assert from "node:assert/strict";
import { needsThat } from "../helpers/needs.ts";
import { describeTree } from "../helpers/file_tree.ts";
import { type SshConfigWay, withSshConfig } from "../helpers/ssh_config_way.ts";
import { canHaveUsers } from "../helpers/sshd.ts";

/** The service principal of the emulator's world: its certificate is for this user. */
const USER = "0e0e0e0e-0000-4000-8000-0000000000c1";
const INSTALL = ["--control-persist", "0", "--auth-type", "aad"];

const test = needsThat(canHaveUsers(), "way to give sshd users of its own").test;

/** With an sshd on the VM that accepts Entra's certificates. */
function withCertificates(body: (way: SshConfigWay) => Promise<void>): Promise<void> {
  return withSshConfig(body, async ({ emulator }) => {
    const authority = await Deno.readTextFile(`${emulator.directory}/ssh_user_ca.pub`);
    return { certificates: { authority, user: USER } };
  });
}

for (const names of [[], ["web1"]]) {
  const by = names.length === 0 ? "the wildcard" : "a VM's block";
  test(`by ${by} ssh enters with a certificate, and the next one renews it once it has ended`, () =>
    withCertificates(async ({ azure, sshd, change, ssh }) => {
      const installed = await change("install", [...names, ...INSTALL]);
      const keys = azure.file("state", "bastion", "certificates");
      await assert.rejects(Deno.stat(keys), Deno.errors.NotFound, "not before it is needed");
      assert.match(installed, new RegExp(`^  User ${USER}$`, "m"));
      azure.emulator.setSshCertificateLifetime(0);
      assert.equal((await ssh(["web1.bastion", "true"])).code, 255, "it has ended");
      const first = await describeTree(keys);
      azure.emulator.setSshCertificateLifetime(3_600);
      const { code, stdout, stderr } = await ssh(["web1.bastion", "echo hi"]);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "hi\n" }, stderr);
      assert.match(sshd.log(), /Accepted publickey for .* RSA-CERT/);
      const second = await describeTree(keys);
      assert.notDeepEqual(second, first);
      assert.equal((await ssh(["web1.bastion", "true"])).code, 0);
      assert.deepEqual(await describeTree(keys), second, "it was good for more");
      for (const [path, what] of Object.entries(second)) {
        assert.match(what, /^100600 /, path);
      }
      for await (const { name } of Deno.readDir(keys)) {
        assert.equal((await Deno.stat(`${keys}/${name}`)).mode, 0o40700);
      }
      await change("remove");
      assert.deepEqual(await Array.fromAsync(Deno.readDir(keys)), []);
    }));
}

test("20 at once ask for one certificate, and all enter", () =>
  withCertificates(async ({ azure, sshd, change, ssh }) => {
    await change("install", ["web1", ...INSTALL]);
    // One that renews; it learns the VM's key, too.
    azure.emulator.setSshCertificateLifetime(0);
    await ssh(["web1.bastion", "true"]);
    const requests = () => azure.emulator.stats().entraRequests;
    let before = requests();
    await ssh(["web1.bastion", "true"]);
    const one = requests() - before;
    assert.ok(one > 0);
    azure.emulator.setSshCertificateLifetime(3_600);
    before = requests();
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ssh(["web1.bastion", `echo ${i}`])),
    );
    const said = runs.map(({ stderr }) => stderr).join("");
    assert.deepEqual(runs.map(({ stdout }) => stdout), runs.map((_, i) => `${i}\n`), said);
    assert.equal(requests() - before, one);
    assert.equal(sshd.log().match(/Accepted publickey/g)?.length, 20);
  }));

test("another user's certificate, and a sign-in that is gone, are said when ssh starts", () =>
  withCertificates(async ({ azure, config, bastion, change, ssh }) => {
    const other = await bastion(["ssh-config", "install", ...INSTALL, "--username", "root"]);
    assert.equal(other.code === 0, false);
    assert.match(other.stderr, /certificate is for 0e0e.*, not for root/);
    await assert.rejects(Deno.stat(config), Deno.errors.NotFound, "nothing was written");
    const password = await bastion(["ssh-config", "install", "--auth-type", "password"]);
    assert.equal(password.code, 2);
    assert.match(password.stderr, /cannot stand in ssh's configuration: a password/);
    await change("install", INSTALL);
    azure.emulator.setFaults([{ at: "entra", kind: "status", status: 400 }]);
    const { code, stderr } = await ssh(["web1.bastion", "true"]);
    assert.equal(code, 255);
    assert.match(stderr, /bastion: /);
  }));
