import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createInMemoryVm } from "../../../tests/helpers/in_memory_vm.ts";
import { sshString } from "../ssh_signature.ts";
import { createHostVerifier } from "./host_verifier.ts";

const key = (fill: number) =>
  Buffer.concat([sshString("ssh-ed25519"), sshString(Buffer.alloc(32, fill))]);

Deno.test("host verifier: the key stays the same as long as the connection lasts", async () => {
  await using vm = await createInMemoryVm({ serve: () => {} });
  const verifier = await createHostVerifier(vm.plan, { "host-key-check": "off" }, vm.ctx);
  verifier.verify(key(1));
  verifier.verify(key(1));
  assert.throws(() => verifier.verify(key(2)), { code: "ssh/host-key-changed" });
  await verifier.keep();
  assert.match(vm.log.join(), /warning: the VM's host key is not checked/);
  assert.doesNotMatch(vm.log.join(), /Permanently/, "there is no file to keep it in");
});

Deno.test("host verifier: a new key is kept once, after it was proved", async () => {
  await using vm = await createInMemoryVm({ serve: () => {} });
  const file = `${vm.ctx.platform.stateDirectory}/known_hosts`;
  const verifier = await createHostVerifier(vm.plan, {}, vm.ctx);
  assert.deepEqual(verifier.known, []);
  verifier.verify(key(1));
  assert.equal(await Deno.readTextFile(file), "");
  await verifier.keep();
  await verifier.keep();
  const line = `${vm.plan.keyAlias} ssh-ed25519 ${key(1).toString("base64")}\n`;
  assert.equal(await Deno.readTextFile(file), line);
  const next = await createHostVerifier(vm.plan, {}, vm.ctx);
  assert.equal(next.known.length, 1);
  assert.throws(() => next.verify(key(2)), { code: "ssh/host-key-changed" });
});

Deno.test("host verifier: the command that removes a key is given to whoever has it", async () => {
  await using vm = await createInMemoryVm({ serve: () => {} });
  const ctx = { ...vm.ctx, findProgram: () => Promise.resolve("/usr/bin/ssh-keygen") };
  const verifier = await createHostVerifier(vm.plan, {}, ctx);
  verifier.verify(key(1));
  assert.throws(() => verifier.verify(key(2)), {
    hint: /remove the old key: ssh-keygen -R "\/sub/,
  });
});
