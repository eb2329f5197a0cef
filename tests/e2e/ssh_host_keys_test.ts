/** Both clients of `bastion ssh` judge a VM's host key alike, and by the same file. */

import assert from "node:assert/strict";
import { type BastionSsh, withSsh } from "../helpers/bastion_ssh.ts";
import { needs, needsThat } from "../helpers/needs.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { canHaveUsers, sshdPrograms } from "../helpers/sshd.ts";
import { tempDir } from "../helpers/temp_dir.ts";

const openssh = needs(...sshdPrograms);
const CLIENTS = ["native", "builtin"] as const;
type Client = (typeof CLIENTS)[number];

function runs({ bastion, sshd }: BastionSsh) {
  const key = ["--auth-type", "ssh-key", "-l", sshd.user, "--ssh-key", sshd.identityFile];
  return (client: Client, ...words: readonly string[]) =>
    bastion(["ssh", "web1", "--client", client, ...key, ...words, "echo in"]);
}

const CHANGED = /The host key of app\/web1:22 is not the one that was accepted before\./;
const UNKNOWN = /The host key of app\/web1:22 is not known\./;
const LEARNED = /Permanently added '\/subscriptions\/\S+' \(ED25519\) to the list of known hosts\./;

for (const [first, second] of [CLIENTS, [CLIENTS[1], CLIENTS[0]]] as const) {
  openssh.test(`a host key that ${first} has learned is known to ${second}; a changed one to none`, () =>
    withSsh(async (way) => {
      const run = runs(way);
      for (const client of CLIENTS) {
        const strict = await run(client, "--host-key-check", "strict");
        assert.equal(strict.code, 255);
        assert.match(strict.stderr, UNKNOWN);
      }
      const learning = await run(first);
      assert.equal(learning.code, 0, learning.stderr);
      assert.match(learning.stderr, LEARNED);
      const file = `${way.azure.stateDirectory}/known_hosts`;
      const learned = await Deno.readTextFile(file);
      const known = await run(second, "--host-key-check", "strict");
      assert.equal(known.code, 0, known.stderr);
      assert.doesNotMatch(known.stderr, LEARNED);
      assert.equal(await Deno.readTextFile(file), learned);

      const other = way.azure.file("other");
      await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other]);
      const [type, key] = (await Deno.readTextFile(`${other}.pub`)).split(" ");
      await Deno.writeTextFile(file, `${way.azure.vmId.toLowerCase()} ${type} ${key}\n`);
      for (const client of CLIENTS) {
        for (const check of ["accept-new", "strict"]) {
          const { code, stdout, stderr } = await run(client, "--host-key-check", check);
          assert.deepEqual({ code, stdout }, { code: 255, stdout: "" });
          assert.match(stderr, CHANGED, client);
          assert.match(stderr, /remove the old key: ssh-keygen -R "/);
        }
        const { code, stdout, stderr } = await run(client, "--host-key-check", "off");
        assert.deepEqual({ code, stdout }, { code: 0, stdout: "in\n" }, stderr);
        assert.match(stderr, /warning.*host key is not checked/);
      }
    }));
}

/** A new key pair; its public half as known_hosts has it. */
async function generate(file: string, keyType: string): Promise<string> {
  await runSuccessfully(["ssh-keygen", "-q", "-t", keyType, "-N", "", "-f", file]);
  return (await Deno.readTextFile(`${file}.pub`)).split(" ").slice(0, 2).join(" ");
}

openssh.test("a server with several keys has not changed while the known one is among them", async () => {
  await using directory = await tempDir();
  const rsa = directory.file("rsa");
  const key = await generate(rsa, "rsa");
  await withSsh(async (way) => {
    const run = runs(way);
    const file = way.azure.file("known");
    for (const client of CLIENTS) {
      await Deno.writeTextFile(file, `${way.azure.vmId.toLowerCase()} ${key}\n`);
      const { code, stderr } = await run(client, "--known-hosts", file);
      assert.equal(code, 0, `${client}: ${stderr}`);
      assert.doesNotMatch(stderr, /Permanently added/);
    }
  }, { sshd: { moreHostKeys: [rsa] } });
});

openssh.test("a server whose one known key was of another type has changed", () =>
  withSsh(async (way) => {
    const run = runs(way);
    const file = way.azure.file("known");
    const key = await generate(way.azure.file("rsa"), "rsa");
    for (const client of CLIENTS) {
      await Deno.writeTextFile(file, `${way.azure.vmId.toLowerCase()} ${key}\n`);
      const { code, stderr } = await run(client, "--known-hosts", file);
      assert.equal(code, 255, client);
      assert.match(stderr, CHANGED, client);
    }
  }));

const PASSWORD = "s3cret-password";

needsThat(canHaveUsers(), "way to give sshd users of its own").test(
  "--host-key-check off, with a key that has changed: no client gives a password away",
  () =>
    withSsh(async ({ azure, sshd, bastion }) => {
      const file = azure.file("known");
      const key = await generate(azure.file("other"), "ed25519");
      for (const client of CLIENTS) {
        await Deno.writeTextFile(file, `${azure.vmId.toLowerCase()} ${key}\n`);
        const words = ["ssh", "web1", "--client", client, "-l", sshd.user, "--password-stdin"];
        const check = ["--host-key-check", "off", "--known-hosts", file];
        const { code } = await bastion([...words, ...check, "true"], { stdin: `${PASSWORD}\n` });
        assert.equal(code, 255, client);
        await Deno.remove(file);
        const good = await bastion([...words, ...check, "true"], { stdin: `${PASSWORD}\n` });
        assert.equal(good.code, 0, `${client}: ${good.stderr}`);
      }
      assert.doesNotMatch(sshd.log(), /Failed password/);
    }, { sshd: { password: { value: PASSWORD, by: "password" } } }),
);
