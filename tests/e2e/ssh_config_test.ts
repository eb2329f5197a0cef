/** `bastion ssh-config`: what it does to files, and what the real ssh makes of it. */

import assert from "node:assert/strict";
import { needs } from "../helpers/needs.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { withSshConfig } from "../helpers/ssh_config_way.ts";
import { sshdPrograms } from "../helpers/sshd.ts";

const openssh = needs(...sshdPrograms);
/** No connection outlives its ssh. */
const ALONE = ["--control-persist", "0"];

openssh.test("install and remove leave all else as it was, byte for byte", () =>
  withSshConfig(async ({ azure, home, config, change }) => {
    const fresh = await change("install");
    assert.match(fresh, /^# >>> bastion ssh-config >>>\nHost \*\.bastion .*\n/);
    assert.equal((await Deno.stat(config)).mode, 0o100600);
    assert.equal((await Deno.stat(`${home}/.ssh`)).mode, 0o40700);
    assert.equal(await change("remove"), "");

    const files = [
      ["", 0o600],
      ["Host other\n  User x\n", 0o644],
      ["User everywhere\nHost *\n  ProxyCommand none", 0o600],
      ["\ufeffHost other\r\n  User x\r\n", 0o600],
      ["# \u00e4 \u0001\n\n\nHost *.bastion\n  User mine\n", 0o600],
    ] as const;
    for (const [text, mode] of files) {
      await Deno.writeTextFile(config, text);
      await Deno.chmod(config, mode);
      const installed = await change("install", ["--username", "ada"]);
      assert.ok(installed.length > text.length && installed.endsWith(text.replace(/^\ufeff/, "")));
      assert.equal(await Deno.readTextFile(`${config}.bastion-backup`), text);
      assert.equal(await change("install", ["--username", "ada"]), installed, "twice is the same");
      assert.equal(await Deno.readTextFile(`${config}.bastion-backup`), text, "nothing was done");
      assert.notEqual(await change("install", ["--username", "bob"]), installed);
      assert.equal(await change("remove"), text);
      assert.equal(await change("remove"), text);
      assert.equal((await Deno.stat(config)).mode, 0o100000 | mode);
    }
    const names = (await Array.fromAsync(Deno.readDir(`${home}/.ssh`))).map((n) => n.name);
    assert.deepEqual(names.filter((name) => !name.startsWith("config")), []);

    await Deno.rename(config, azure.file("dotfile"));
    await Deno.symlink(azure.file("dotfile"), config);
    await change("install");
    assert.ok((await Deno.lstat(config)).isSymlink);
  }));

openssh.test("what ssh would refuse, and a block with half its marks, are left untouched", () =>
  withSshConfig(async ({ azure, config, bastion, change }) => {
    const installed = await change("install");
    const [begin = ""] = installed.split("\n");
    const cases: readonly (readonly [text: string, mode: number, said: RegExp])[] = [
      ["Host a\n", 0o666, /others may write to it/],
      ["Host a\n", 0o620, /others may write to it/],
      [`Host a\n${begin}\nHost b\n`, 0o600, /is alone, or there twice/],
      [installed + installed, 0o600, /is alone, or there twice/],
    ];
    for (const [text, mode, said] of cases) {
      await Deno.writeTextFile(config, text);
      await Deno.chmod(config, mode);
      for (const verb of ["install", "remove"]) {
        const { code, stderr } = await bastion(["ssh-config", verb]);
        assert.equal(code, 3, stderr);
        assert.match(stderr, said);
        assert.equal(await Deno.readTextFile(config), text);
      }
    }
    await Deno.remove(config);
    await Deno.mkdir(config);
    assert.match((await bastion(["ssh-config", "install"])).stderr, /not a file/);
    assert.equal(azure.emulator.stats().armRequests, 0);
  }));

openssh.test("settings of the user's stay as they were for all other hosts, and ours go first", () =>
  withSshConfig(async ({ config, change, ssh }) => {
    await Deno.mkdir(config.replace(/\/config$/, ""), { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(config, "User everywhere\nHost *\n  ProxyCommand nc %h %p\n");
    await change("install", [...ALONE, "--username", "ada"]);
    const settings = async (host: string) => {
      const { stdout } = await ssh(["-G", host]);
      return ["user", "proxycommand", "stricthostkeychecking"].map((name) =>
        new RegExp(`^${name} (.*)$`, "m").exec(stdout)?.[1] ?? ""
      );
    };
    const [user, proxy = "", strict] = await settings("web1.bastion");
    assert.deepEqual([user, strict], ["ada", "true"]);
    assert.match(proxy, / proxy .*'%h'$/);
    for (const host of ["web1", "x.example.com", "web1.12345678.id.bastion"]) {
      assert.deepEqual(await settings(host), ["everywhere", "nc %h %p", "ask"], host);
    }
  }));

openssh.test("bastion ssh, the wildcard and a VM's block agree on a first, second and changed key", () =>
  withSshConfig(async ({ azure, sshd, bastion, change, ssh }) => {
    const signIn = ["--username", sshd.user, "--ssh-key", sshd.identityFile];
    const vm = azure.vmId.toLowerCase();
    const known = `${azure.stateDirectory}/known_hosts`;
    const other = azure.file("other");
    await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other]);
    const [type, key] = (await Deno.readTextFile(`${other}.pub`)).split(" ");
    const ways = ["bastion", "wildcard", "block"] as const;
    const go = async (way: typeof ways[number]) => {
      if (way === "bastion") {
        return await bastion(["ssh", "web1", "--auth-type", "ssh-key", ...signIn, "echo hi"]);
      }
      await change("install", [...way === "block" ? ["web1"] : [], ...ALONE, ...signIn]);
      return await ssh(["web1.bastion", "echo hi"]);
    };
    for (const first of ways) {
      await Deno.remove(known).catch(() => {});
      const { code, stderr } = await go(first);
      assert.equal(code, 0, stderr);
      assert.ok(stderr.includes(`Permanently added '${vm}' (ED25519)`), `${first}: ${stderr}`);
      for (const second of ways) {
        const { code, stdout, stderr } = await go(second);
        assert.deepEqual({ code, stdout }, { code: 0, stdout: "hi\n" }, stderr);
        assert.doesNotMatch(stderr, /Permanently added/, `${second} after ${first}`);
      }
      assert.equal((await Deno.readTextFile(known)).split("\n").length, 2, "one key, once");
    }
    const accepted = `${vm} ${type} ${key}\n`;
    await Deno.writeTextFile(known, accepted);
    for (const way of ways) {
      const { code, stderr } = await go(way);
      assert.equal(code, 255, way);
      assert.match(stderr, /REMOTE HOST IDENTIFICATION HAS CHANGED/, way);
      assert.equal(await Deno.readTextFile(known), accepted, way);
      // By a block, ssh is alone with it.
      if (way === "block") continue;
      assert.match(stderr, /is not the one that was accepted before/, way);
      assert.ok(stderr.includes(`ssh-keygen -R "${vm}" -f "${known}"`), way);
    }
    await Deno.remove(known);
    await change("install", [...ALONE, ...signIn, "--host-key-check", "strict"]);
    const strict = await ssh(["web1.bastion", "true"]);
    assert.equal(strict.code, 255);
    assert.match(strict.stderr, /The host key of app\/web1:22 is not known/);
    assert.equal(await Deno.readTextFile(known).catch(() => ""), "");
    const own = azure.file("own");
    await change("install", [...ALONE, ...signIn, "--known-hosts", own]);
    assert.equal((await ssh(["web1.bastion", "true"])).code, 0);
    assert.ok((await Deno.readTextFile(own)).startsWith(`${vm} ssh-ed25519 `));
    await Deno.writeTextFile(own, `@revoked ${await Deno.readTextFile(own)}`);
    const revoked = await ssh(["web1.bastion", "true"]);
    assert.equal(revoked.code, 255);
    assert.match(revoked.stderr, /is one that .* names as revoked/);
    await change("install", [...ALONE, ...signIn, "--host-key-check", "off"]);
    assert.equal((await ssh(["web1.bastion", "true"])).code, 0);
    assert.equal(await Deno.readTextFile(known).catch(() => ""), "");
  }));

openssh.test("many ssh at once to a new host record its key once, and look it up once", () =>
  withSshConfig(async ({ azure, sshd, change, ssh }) => {
    const installed = await change("install", [
      ...[...ALONE, "--username", sshd.user, "--ssh-key", sshd.identityFile],
      ...["-n", "hub", "-g", "net", "--no-az-cache"],
    ]);
    // What was said at the installation counts in each run.
    const words = "--no-az-cache .*--name=hub --resource-group=net ";
    assert.match(installed, new RegExp(`ProxyCommand .* proxy .*${words}`));
    assert.match(installed, new RegExp(`KnownHostsCommand .* ssh-known-hosts .*${words}`));
    assert.equal((await ssh(["web1.bastion", "true"])).code, 0);
    const { armRequests } = azure.emulator.stats();
    await Deno.remove(`${azure.stateDirectory}/known_hosts`);
    const runs = await Promise.all(
      Array.from({ length: 8 }, (_, i) => ssh(["web1.bastion", `echo ${i}`])),
    );
    assert.deepEqual(runs.map(({ stdout }) => stdout), runs.map((_, i) => `${i}\n`));
    const lines = (await Deno.readTextFile(`${azure.stateDirectory}/known_hosts`)).trim().split(
      "\n",
    );
    assert.equal(lines.length, 1);
    const each = (azure.emulator.stats().armRequests - armRequests) / runs.length;
    // The proxy looks whether the VM runs; what tells the host's key asks nothing.
    assert.ok(each <= 1, `${each} requests each`);
  }));

openssh.test("a hostile name runs nothing, by a wildcard that every version of ssh would expand", () =>
  withSshConfig(async ({ azure, config, sshd, change, ssh }) => {
    const trap = azure.file("trap");
    await change("install", [...ALONE, "--username", sshd.user]);
    const names = [
      ...[
        `$(touch ${trap})`,
        `\`touch ${trap}\``,
        `-oProxyCommand=touch ${trap}`,
        `a;touch ${trap};`,
      ],
      ...[
        `a|touch ${trap}|`,
        `a&touch ${trap}&`,
        `a b`,
        `'; touch ${trap}; '`,
        `"; touch ${trap}; "`,
      ],
      ...[`%h`, `a\ntouch ${trap}\n`, `\\'; touch ${trap}; \\'`, `>${trap}`],
    ];
    for (const name of names) {
      assert.notEqual((await ssh(["--", `${name}.bastion`, "true"])).code, 0, name);
      await assert.rejects(Deno.stat(trap), Deno.errors.NotFound, name);
    }
    // A newer ssh refuses most of them before it reads a file. Of the others, the block is for none.
    for (
      const name of ["a%h", "a!b", "a=b", "~a", "a,b", "a#b", "a:b", "a/b", "[a]", "a^b", "a+b"]
    ) {
      const { stdout } = await ssh(["-G", "--", `${name}.bastion`]);
      assert.doesNotMatch(stdout, /^(?:proxycommand|knownhostscommand) /m, name);
    }
    // What no pattern can tell stands in quotes: here a shell would find a file by it.
    await Deno.writeTextFile(azure.file("x.bastion"), "");
    const proxy = /ProxyCommand .*(?= --resource-port)(.*)/.exec(await Deno.readTextFile(config));
    for (const name of ["*", "?"]) {
      const line = `printf '%%s ' ${proxy?.[1]}`.replace("%%", "%").replace(
        "%h",
        `${name}.bastion`,
      );
      const { stdout } = await runSuccessfully(["sh", "-c", line], { cwd: azure.file() });
      assert.equal(stdout, `--resource-port=%p ${name}.bastion `);
    }
  }));
