/** The service `ssh`, as another plugin sees it: what is said where there is no session. */

import assert from "node:assert/strict";
import type { SshSessionRequest } from "../../core/mod.ts";
import { Secret } from "../../core/secret.ts";
import { textOfSource } from "../helpers/byte_source.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { canHaveUsers, sshdPrograms } from "../helpers/sshd.ts";
import { type SshService, withSshService } from "../helpers/ssh_service.ts";
import { testSsh2 } from "../helpers/test_ssh2.ts";

const PASSWORD = "pass %w0rd's $(x) \"ä\\";

async function says(
  { open }: SshService,
  request: Partial<SshSessionRequest>,
  command = "echo in",
): Promise<string> {
  await using session = await open(request);
  const channel = await session.exec(command);
  const [stdout] = await Promise.all([textOfSource(channel), textOfSource(channel.stderr)]);
  return stdout;
}

for (const client of ["native", "builtin"] as const) {
  testSsh2(
    sshdPrograms,
    `${client}: host keys, as bastion ssh has them`,
    () =>
      withSshService(async (service) => {
        const { azure, ctx, log } = service;
        const strict = { client, hostKeyCheck: "strict" } as const;
        await assert.rejects(says(service, strict), { code: "ssh/host-key-unknown" });
        assert.equal(await says(service, { client }), "in\n");
        const added = log.filter(({ message }) => /Permanently added/.test(message));
        assert.equal(added.length, 1);
        assert.equal(await says(service, strict), "in\n");
        const other = azure.file("other");
        await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other]);
        const key = (await Deno.readTextFile(`${other}.pub`)).split(" ").slice(0, 2).join(" ");
        const file = `${ctx.platform.stateDirectory}/known_hosts`;
        await Deno.writeTextFile(file, `${azure.vmId.toLowerCase()} ${key}\n`);
        await assert.rejects(says(service, { client }), { code: "ssh/host-key-changed" });
        const knownHosts = azure.file("an-hour");
        assert.equal(await says(service, { client, knownHosts }), "in\n");
        assert.match(await Deno.readTextFile(knownHosts), /^\/subscriptions\//);
        assert.equal(await says(service, { client, hostKeyCheck: "off" }), "in\n");
      }),
  );

  testSsh2(
    sshdPrograms,
    `${client}: what is wrong with a sign-in`,
    () =>
      withSshService(async (service) => {
        const other = service.azure.file("other");
        await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other]);
        const cases: [request: Partial<SshSessionRequest>, code: string][] = [
          [{ authType: "ssh-key", key: other }, "ssh/permission-denied"],
          [{ authType: "ssh-key", key: "missing" }, "key-file-not-found"],
          [{ authType: "nonsense" }, "usage"],
          [{ user: "-oX" }, "ssh/user-odd"],
          [{ user: "a b" }, "ssh/user-odd"],
        ];
        for (const [request, code] of cases) {
          await assert.rejects(
            says(service, { client, ...request }),
            { code },
            JSON.stringify(request),
          );
        }
      }),
  );

  testSsh2(
    sshdPrograms,
    `${client}: why there is no way to the VM is the reason`,
    () =>
      withSshService(async (service) => {
        service.azure.emulator.setFaults([{ at: "token", kind: "status", status: 403 }]);
        const problem = await says(service, { client }).then(() => "", (error) => error.message);
        assert.match(problem, /403|refused|forbidden|not allowed|role/i);
      }),
  );

  testSsh2(
    sshdPrograms,
    `${client}: while a session is open, its key is nowhere`,
    () =>
      withSshService(async ({ open, ctx }) => {
        await using session = await open({ client });
        const channel = await session.exec("cat");
        const { stateDirectory } = ctx.platform;
        for await (const { name } of Deno.readDir(stateDirectory)) {
          if (!name.startsWith("ssh-")) continue;
          const { mode } = await Deno.stat(`${stateDirectory}/${name}`);
          assert.equal((mode ?? 0) & 0o777, 0o700);
          const names = Array.from(
            Deno.readDirSync(`${stateDirectory}/${name}`),
            (one) => one.name,
          );
          assert.ok(names.every((one) => /^(?:c$|lock$|log-)/.test(one)), names.join());
        }
        await channel.closeWrite();
        await channel.ended;
      }),
  );

  testSsh2(
    sshdPrograms,
    `${client}: a password, which no other program is shown`,
    () =>
      withSshService(async (service) => {
        const { azure, log } = service;
        azure.addSecret(PASSWORD);
        const request = { client, authType: "password" } as const;
        const password = () => new Secret(PASSWORD);
        assert.equal(await says(service, { ...request, password: password() }), "in\n");
        assert.doesNotMatch(
          await says(service, { ...request, password: password() }, "env"),
          /pass %w0rd/,
        );
        assert.ok(!JSON.stringify(log).includes(JSON.stringify(PASSWORD).slice(1, -1)));
        const wrong = says(service, { ...request, password: new Secret("wrong-password") });
        await assert.rejects(wrong, { code: "ssh/permission-denied" });
      }, { sshd: { password: { value: PASSWORD, by: "password" } } }),
    canHaveUsers() ? [] : ["way to give sshd users of its own"],
  );
}

testSsh2(
  sshdPrograms,
  "which client: OpenSSH where there is one, or as is asked",
  () =>
    withSshService(async (service) => {
      const { sshd } = service;
      const banner = 'echo "$SSH_CONNECTION"';
      assert.match(await says(service, {}, banner), /127\.0\.0\.1/);
      await assert.rejects(says(service, { sshPath: "/nonexistent" }), {
        code: "command-not-found",
      });
      await assert.rejects(says(service, { sshPath: "ssh", client: "builtin" }), {
        code: "ssh/client-twice",
      });
      assert.match(sshd.log(), /Accepted publickey/);
    }),
);
