/** No target is named: on a terminal the user picks a VM; where nobody can be asked, that is said. */

import assert from "node:assert/strict";
import type { BastionProcess } from "../helpers/bastion_process.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { needs } from "../helpers/needs.ts";
import { rawServer, untilClosed, writeText } from "../helpers/raw_server.ts";

const TUNNEL = ["tunnel", "--resource-port", "22"];

/** Has the program, whose words follow, run on a terminal: our pipes are that terminal's other end. */
const ON_TERMINAL = ["bash", "-c", 'exec script -qec "exec ${*@Q}" /dev/null', "--"];

interface Terminal {
  readonly azure: EmulatedAzure;
  readonly program: BastionProcess;
  /** Everything that the screen was sent. */
  screen(): string;
  /** Types when the screen shows `shown`. */
  type(shown: RegExp, keys: string): Promise<void>;
}

/** So many VMs, each with a server on port 22 that says its name; one of them is deallocated. */
async function withMachines(
  count: number,
  body: (azure: EmulatedAzure) => Promise<void>,
): Promise<void> {
  await using servers = new AsyncDisposableStack();
  const machines = Array.from({ length: count }, (_, index) => {
    const name = `vm${index + 1}`;
    const server = servers.use(rawServer(async (conn) => {
      await writeText(conn, `this is ${name}\n`);
      await untilClosed(conn);
    }));
    return {
      name,
      resourceGroup: "app",
      privateIp: `10.1.0.${index + 4}`,
      ports: { "22": server.host },
      powerState: index === 1 ? "deallocated" as const : "running" as const,
    };
  });
  await withAzure({ world: { virtualMachines: machines } }, body);
}

async function onTerminal(
  azure: EmulatedAzure,
  args: readonly string[],
  body: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  await using program = await azure.start(args, {
    by: ON_TERMINAL,
    stdin: "piped",
    debug: false,
    env: { SHELL: "/bin/sh", TERM: "xterm", COLUMNS: "120" },
  });
  const keyboard = program.stdin?.getWriter() ?? assert.fail("no keyboard");
  await body({
    azure,
    program,
    screen: program.stdout,
    async type(shown, keys) {
      await program.output("stdout", shown, 60_000);
      await keyboard.write(new TextEncoder().encode(keys));
    },
  });
  await keyboard.close().catch(() => {});
}

/** The tunnel that is ready leads to this VM; Ctrl-C ends it. */
async function leadsTo(name: string, { azure, program, type }: Terminal): Promise<void> {
  const ready = new RegExp(
    `Tunnel is ready, connect on port (\\d+) \\(.* app/${name}:22 by net/hub`,
  );
  const [, port] = await program.output("stdout", ready);
  {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    const bytes = new Uint8Array(64);
    const said = new TextDecoder().decode(bytes.subarray(0, await conn.read(bytes) ?? 0));
    assert.equal(said, `this is ${name}\n`);
  }
  await type(/./, "\x03");
  assert.equal((await program.exit()).code, 0);
  assert.equal(azure.emulator.stats().outstandingSessions, 0);
}

const terminal = needs("script", "bash");

terminal.test("many VMs are searched by typing, and the tunnel leads to the one picked", () =>
  withMachines(14, (azure) =>
    onTerminal(azure, TUNNEL, async (one) => {
      await one.type(/Which VM\?.*navigate/s, "vm1 10.1.0.15");
      // Nothing else is left to choose from.
      await one.type(/❯ app\/vm12 {2}running, 10\.1\.0\.15/, "\r");
      await leadsTo("vm12", one);
      assert.match(one.screen(), /app\/vm2 {2}deallocated/, "the list says what it cannot lead to");
    })));

terminal.test("few VMs are a list, and the host that is named is the one taken", () =>
  withMachines(
    3,
    (azure) =>
      onTerminal(azure, [...TUNNEL, "-n", "hub", "-g", "net"], async (one) => {
        await one.type(/Which VM\?.*navigate/s, "\x1b[B");
        await one.type(/❯ app\/vm2/, "\x1b[B");
        await one.type(/❯ app\/vm3/, "\r");
        await leadsTo("vm3", one);
      }),
  ));

terminal.test("who picks a VM that cannot be reached is told why", () =>
  withMachines(2, (azure) =>
    onTerminal(azure, TUNNEL, async (one) => {
      await one.type(/Which VM\?.*navigate/s, "\x1b[B");
      await one.type(/❯ app\/vm2/, "\r");
      assert.equal((await one.program.exit()).code, 7);
      assert.match(one.screen(), /app\/vm2.*deallocated/);
    })));

terminal.test("Ctrl-C ends the question and the program, and nothing was opened", () =>
  withMachines(14, (azure) =>
    onTerminal(azure, TUNNEL, async (one) => {
      await one.type(/Which VM\?.*navigate/s, "vm\x03");
      assert.equal((await one.program.exit()).code, 130);
      assert.equal(azure.emulator.stats().tokenPosts, 0);
    })));

terminal.test("with --no-input, or --json, nobody is asked on a terminal either", () =>
  withMachines(2, async (azure) => {
    for (const flag of ["--no-input", "--json"]) {
      await onTerminal(azure, [...TUNNEL, flag], async ({ program, screen }) => {
        assert.equal((await program.exit()).code, 2);
        assert.match(screen(), /No target is named.*TARGET.*--target-resource-id/s);
        assert.doesNotMatch(screen(), /Which VM/);
      });
    }
    assert.equal(azure.emulator.stats().accessTokensIssued, 0);
  }));

Deno.test("without a terminal nobody is asked, and the flags are named", () =>
  withMachines(2, async (azure) => {
    const program = await azure.start(TUNNEL, { debug: false });
    assert.equal((await program.exit()).code, 2);
    assert.match(
      program.stderr(),
      /No target is named\.\n.*TARGET.*--target-resource-id or --target-ip-address/,
    );
    assert.equal(azure.emulator.stats().accessTokensIssued, 0);
  }));
