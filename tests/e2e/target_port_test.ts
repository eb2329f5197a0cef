/** A closed and a filtered port of the VM read differently: by proxy, ssh, tunnel and doctor alike. */

import assert from "node:assert/strict";
import { type BastionLauncher, createBastionLauncher } from "../helpers/bastion_launcher.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { needs } from "../helpers/needs.ts";
import { runProgram } from "../helpers/run.ts";

const CLOSED = 2222;
const FILTERED = 22;

const REFUSED = {
  code: "target-refused",
  message: /app\/web1:2222 refuses connections, as a closed port does \(WebSocket close 1011/,
  hint: /Nothing listens on that port/,
};
const GIVEN_UP = {
  code: "target-unreachable",
  message: /could not reach app\/web1:22, and gave up after 2\d\S* s, as with a filtered port/,
  hint: /network security group .* must let AzureBastionSubnet in/,
};

interface Failure {
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

function assertFailure(event: Readonly<Record<string, unknown>>, expected: Failure): void {
  assert.equal(event["code"], expected.code);
  assert.match(String(event["message"]), expected.message);
  assert.match(String(event["hint"]), expected.hint);
}

function withPorts(
  body: (azure: EmulatedAzure, launcher: BastionLauncher) => Promise<void>,
): Promise<void> {
  return withAzure({ ports: { [FILTERED]: "filtered" } }, async (azure) => {
    const launcher = await createBastionLauncher(azure);
    await body(azure, launcher);
    await launcher.settle();
  });
}

/** As an SSH client does: it says its version, and waits. */
async function assertProxy(azure: EmulatedAzure, port: number, expected: Failure): Promise<void> {
  const proxy = await azure.start(["proxy", ...azure.targetArgs(port), "--json"], {
    stdin: "piped",
  });
  const writer = proxy.stdin?.getWriter() ?? assert.fail("no stdin");
  await writer.write(new TextEncoder().encode("SSH-2.0-test\r\n"));
  assert.equal((await proxy.exit(90_000)).code, 9, proxy.stderr());
  assert.equal(proxy.stdout(), "");
  const said = proxy.stderr().split("\n").find((line) => line.includes('"connection-closed"'));
  assertFailure(JSON.parse(said ?? "{}"), expected);
  await writer.close().catch(() => {});
}

async function assertTunnel(azure: EmulatedAzure, port: number, expected: Failure): Promise<void> {
  const tunnel = await azure.openTunnel(port);
  using conn = await tunnel.connect();
  await conn.write(new TextEncoder().encode("SSH-2.0-test\r\n"));
  assert.equal(await conn.read(new Uint8Array(1)), null);
  const closed = await tunnel.event("connection-closed");
  assert.equal(closed["reason"], expected.code);
  assertFailure(closed, expected);
}

async function assertSsh(
  { path, env }: BastionLauncher,
  words: readonly string[],
  { code: name, message, hint }: Failure,
): Promise<void> {
  const { code, stdout, stderr } = await runProgram(
    [path, "ssh", "user@web1", ...words, "true"],
    { env, inherit: false, timeout: 90_000 },
  );
  assert.deepEqual({ code, stdout }, { code: 255, stdout: "" }, stderr);
  assert.match(stderr, message, name);
  assert.match(stderr, hint);
}

/** One after the other they would wait for minutes. */
function testPort(name: string, port: number, expected: Failure): void {
  needs("ssh").test(
    `${name}: proxy, tunnel and ssh with either client say what was seen`,
    () =>
      withPorts(async (azure, launcher) => {
        const ssh = (client: string) =>
          assertSsh(launcher, ["--client", client, "-p", String(port)], expected);
        await Promise.all([
          assertProxy(azure, port, expected),
          assertTunnel(azure, port, expected),
          ssh("native"),
          ssh("builtin"),
        ]);
      }),
  );
}

testPort("a closed port", CLOSED, REFUSED);
testPort("a filtered port", FILTERED, GIVEN_UP);

needs("ssh").test(
  "ssh gives up on a server that says nothing before Azure Bastion does",
  () =>
    withPorts((_azure, launcher) =>
      assertSsh(launcher, ["-o", "ConnectTimeout=5"], {
        code: "target-silent",
        message: /app\/web1:22 has not said a word for \d+ s; an SSH server greets at once/,
        hint: /seems to be filtered/,
      })
    ),
);
