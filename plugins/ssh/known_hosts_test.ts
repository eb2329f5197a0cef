import assert from "node:assert/strict";
import fc from "fast-check";
import { needs } from "../../tests/helpers/needs.ts";
import { runProgram, runSuccessfully } from "../../tests/helpers/run.ts";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import { type HostKey, type KnownHostKey, openKnownHosts } from "./known_hosts.ts";

const ctx = {
  error: (code: string, params?: Readonly<Record<string, string | number>>) =>
    Object.assign(new Error(`${code}: ${params?.["problem"]}`), { code }),
};

/** A blob that says its type, and then `fill`. */
function keyOf(type: string, fill: number): HostKey {
  const blob = new Uint8Array(4 + type.length + 36).fill(fill);
  new DataView(blob.buffer).setUint32(0, type.length);
  blob.set(new TextEncoder().encode(type), 4);
  return { type, key: btoa(String.fromCharCode(...blob)) };
}

const ED = keyOf("ssh-ed25519", 1);
const OTHER = keyOf("ssh-ed25519", 2);
const RSA = keyOf("ssh-rsa", 3);
const text = ({ type, key }: HostKey) => `${type} ${key}`;
const known = (key: HostKey): KnownHostKey => ({ ...key, revoked: false });

async function find(content: string | Uint8Array, name: string): Promise<readonly KnownHostKey[]> {
  await using directory = await tempDir();
  const file = directory.file("known_hosts");
  await Deno.writeFile(
    file,
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
  return await openKnownHosts(file, ctx).find(name);
}

Deno.test("known hosts: names, lists, wildcards, negation, ports, and lines that are none", async () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["/vm", "/vm", true],
    ["/vm", "/VM", true],
    ["/VM", "/vm", true],
    ["/vm", "/vm2", false],
    ["a,/vm,b", "/vm", true],
    ["*.test", "web1.test", true],
    ["*.test", "test", false],
    ["web?", "web1", true],
    ["web?", "web", false],
    ["*.test,!web1.test", "web1.test", false],
    ["!web1.test,*.test", "web1.test", false],
    ["!web1.test,*.test", "web2.test", true],
    ["!web1.test", "web2.test", false],
    ["[10.0.0.4]:2222", "[10.0.0.4]:2222", true],
    ["[10.0.0.4]:2222", "10.0.0.4", false],
    // A dot, and a bracket, stand for themselves.
    ["web1.test", "web1xtest", false],
    ["a*b*c", "axxbyyc", true],
    ["a*b*c", "axxbyy", false],
  ];
  for (const [names, name, found] of cases) {
    assert.equal(
      (await find(`${names} ${text(ED)}\n`, name)).length,
      found ? 1 : 0,
      `${names} ${name}`,
    );
  }
  const content = `# /vm ${text(OTHER)}\n\n  /vm\t${text(ED)} a comment\r\n` +
    `/vm 2048 35 123456\n/vm ssh-ed25519 not*base64\n/vm ssh-rsa ${ED.key}\n/vm\n` +
    `@cert-authority /vm ${text(OTHER)}\n@new-mark /vm ${text(OTHER)}\n@revoked /vm ${text(RSA)}`;
  assert.deepEqual(await find(content, "/vm"), [known(ED), { ...RSA, revoked: true }]);
});

Deno.test("known hosts: what a pattern of many stars costs is bounded", async () => {
  const names = `${"*a".repeat(500)}b`;
  assert.deepEqual(await find(`${names} ${text(ED)}\n`, "a".repeat(200)), []);
});

Deno.test("known hosts: no file, a device and bytes of any kind hold no keys", async () => {
  await using directory = await tempDir();
  assert.deepEqual(await openKnownHosts(directory.file("none"), ctx).find("x"), []);
  if (Deno.build.os !== "windows") {
    const device = openKnownHosts("/dev/null", ctx);
    await device.add("x", ED);
    assert.deepEqual(await device.find("x"), []);
    assert.deepEqual(await openKnownHosts("/dev/zero", ctx).find("x"), []);
  }
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      assert.deepEqual(await find(bytes, "/vm"), []);
    }),
    { numRuns: 50 },
  );
});

Deno.test("known hosts: a directory and a giant are refused, not taken for empty", async () => {
  await using directory = await tempDir();
  const refused = { code: "ssh/known-hosts-unusable" };
  await assert.rejects(openKnownHosts(directory.path, ctx).find("x"), refused);
  await assert.rejects(openKnownHosts(directory.path, ctx).add("x", ED), refused);
  const giant = directory.file("giant");
  await Deno.writeTextFile(giant, "");
  await Deno.truncate(giant, 64 * 1024 ** 3);
  await assert.rejects(openKnownHosts(giant, ctx).find("x"), /larger than/);
});

Deno.test("known hosts: what is added is a line of its own, in a file of the user's alone", async () => {
  await using directory = await tempDir();
  const file = directory.file("state", "known_hosts");
  const hosts = openKnownHosts(file, ctx);
  await hosts.add("/vm", ED);
  if (Deno.build.os !== "windows") {
    const modes = [file, directory.file("state")].map((path) => Deno.statSync(path).mode ?? 0);
    assert.deepEqual(modes.map((mode) => mode & 0o777), [0o600, 0o700]);
  }
  await Deno.writeTextFile(file, "# no newline", { append: true });
  await hosts.add("/vm", RSA);
  const lines = [`/vm ${text(ED)}`, "# no newline", `/vm ${text(RSA)}`, ""];
  assert.equal(await Deno.readTextFile(file), lines.join("\n"));
  assert.deepEqual(await hosts.find("/vm"), [known(ED), known(RSA)]);
  for (const name of ["", "a b", "a\nb", "a,b", "*", "@x", "#x", "|1|a|b"]) {
    await assert.rejects(hosts.add(name, ED), { code: "ssh/known-hosts-unusable" }, name);
  }
  await assert.rejects(hosts.add("/vm", { type: "ssh-rsa", key: ED.key }), /the key is none/);
  assert.equal(await Deno.readTextFile(file), lines.join("\n"));
});

needs("ssh-keygen").test(
  "known hosts: ssh-keygen finds and hashes what was added, and is read",
  async () => {
    await using directory = await tempDir();
    const file = directory.file("known_hosts");
    const keyFile = directory.file("key");
    await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
    const [type = "", key = ""] = (await Deno.readTextFile(`${keyFile}.pub`)).trim().split(" ");
    const hosts = openKnownHosts(file, ctx);
    const name = "/subscriptions/1/web1:2222";
    await hosts.add(name, { type, key });
    assert.match(
      (await runSuccessfully(["ssh-keygen", "-F", name, "-f", file])).stdout,
      /ED25519|ssh-ed25519/,
    );
    await runSuccessfully(["ssh-keygen", "-H", "-f", file]);
    assert.match(await Deno.readTextFile(file), /^\|1\|/);
    assert.deepEqual(await hosts.find(name), [{ type, key, revoked: false }]);
    assert.deepEqual(await hosts.find("/subscriptions/1/web1"), []);
    assert.equal((await runProgram(["ssh-keygen", "-R", name, "-f", file])).code, 0);
    assert.deepEqual(await hosts.find(name), []);
  },
);
