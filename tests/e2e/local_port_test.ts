/** The local end of a tunnel: which addresses and ports it takes, and what is said when it cannot. */

import assert from "node:assert/strict";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { freePort } from "../helpers/free_port.ts";
import { startEchoServer } from "../helpers/http_servers.ts";
import { writeAll } from "../helpers/local_server.ts";
import { needsThat } from "../helpers/needs.ts";
import { hasProc } from "../helpers/process_files.ts";

function withEcho(body: (azure: EmulatedAzure) => Promise<void>): Promise<void> {
  return withAzure({ ports: { 7: "echo" } }, body);
}

async function exchange(hostname: string, port: number): Promise<void> {
  using conn = await Deno.connect({ hostname, port });
  await writeAll(conn, new TextEncoder().encode("hello"));
  const received = new Uint8Array(5);
  assert.equal(await conn.read(received), 5);
  assert.equal(new TextDecoder().decode(received), "hello");
}

const NO_GRACE = ["--half-close-grace", "0"];

function canListenOn(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("--port is the port that is listened on", () =>
  withEcho(async (azure) => {
    const port = freePort();
    const tunnel = await azure.openTunnel(7, ["--port", String(port), ...NO_GRACE]);
    assert.deepEqual([tunnel.host, tunnel.port], ["127.0.0.1", port]);
    await exchange("127.0.0.1", port);
  }));

Deno.test("127.0.0.1 and, where there is one, [::1] lead to the tunnel", () =>
  withEcho(async (azure) => {
    const tunnel = await azure.openTunnel(7, NO_GRACE);
    const addresses = canListenOn("::1") ? ["127.0.0.1", "::1"] : ["127.0.0.1"];
    assert.deepEqual((await tunnel.event("listening"))["addresses"], addresses);
    for (const host of [...addresses, "localhost"]) await exchange(host, tunnel.port);
  }));

Deno.test("only loopback is listened on", () =>
  withEcho(async (azure) => {
    const own = Deno.networkInterfaces().find(({ family, address }) =>
      family === "IPv4" && !address.startsWith("127.")
    );
    const tunnel = await azure.openTunnel(7, NO_GRACE);
    if (own === undefined) return;
    await assert.rejects(exchange(own.address, tunnel.port), Deno.errors.ConnectionRefused);
  }));

Deno.test("--bind 0.0.0.0 warns, and works", () =>
  withEcho(async (azure) => {
    const words = ["tunnel", ...azure.targetArgs(7), "--bind", "0.0.0.0", ...NO_GRACE];
    const tunnel = await azure.start(words, { debug: false });
    const [, port] = await tunnel.output("stdout", /connect on port (\d+) \(0\.0\.0\.0 →/);
    assert.match(
      tunnel.stderr(),
      /^warning \[tunnel\] other computers can use this tunnel .*bind="?0\.0\.0\.0/m,
    );
    await exchange("127.0.0.1", Number(port));
  }));

Deno.test("--bind that is no address of this computer: exit code 12", () =>
  withEcho(async (azure) => {
    const tunnel = await azure.start([
      ...["tunnel", "--json", ...azure.targetArgs(7), "--bind", "203.0.113.1"],
    ]);
    assert.equal((await tunnel.exit()).code, 12);
    const { code, message } = await tunnel.event("error");
    assert.equal(code, "local-address-unavailable");
    assert.match(String(message), /203\.0\.113\.1/);
  }));

Deno.test("a port that is taken: exit code 12, names port and address", async () => {
  await using other = startEchoServer();
  await withEcho(async (azure) => {
    const words = ["tunnel", ...azure.targetArgs(7), "--port", String(other.port)];
    const json = await azure.start([...words, "--json"]);
    assert.equal((await json.exit()).code, 12);
    const { code, message, hint, exitCode } = await json.event("error");
    assert.deepEqual({ code, exitCode }, { code: "local-port-taken", exitCode: 12 });
    assert.equal(message, `Port ${other.port} on 127.0.0.1 is already in use.`);

    const people = await azure.start(words, { debug: false });
    assert.equal((await people.exit()).code, 12);
    assert.equal(people.stderr(), `bastion: ${message}\n  ${hint}\n`);
    assert.equal(people.stdout(), "");
  });
});

const LOW_PORT = 987;

/** Whether the system keeps the port to administrators; containers often do not. */
function isPrivileged(port: number): boolean {
  return port < Number(Deno.readTextFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start"));
}

/** Root may take any port; without this one right it may not. */
const withoutRight = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-net_bind_service"] : [];

needsThat(hasProc, "/proc").test(
  "a privileged port: exit code 12, says so",
  () =>
    withEcho(async (azure) => {
      const words = ["tunnel", "--json", ...azure.targetArgs(7), "--port", String(LOW_PORT)];
      const tunnel = await azure.start(words, { by: withoutRight });
      if (!isPrivileged(LOW_PORT)) {
        assert.equal((await tunnel.listening()).port, LOW_PORT);
        return;
      }
      assert.equal((await tunnel.exit()).code, 12);
      const { code, message } = await tunnel.event("error");
      assert.equal(code, "local-port-privileged");
      assert.equal(message, `Port ${LOW_PORT} on 127.0.0.1 may be opened by administrators only.`);
    }),
);
