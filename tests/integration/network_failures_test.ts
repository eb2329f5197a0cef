/** What the network does to a tunnel that is ready: one connection ends, with its reason, and no more. */

import assert from "node:assert/strict";
import { assertEcho } from "../helpers/echo_check.ts";
import { withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { inspectingProxy } from "../helpers/inspecting_proxy.ts";
import { testCertificate } from "../helpers/test_certificate.ts";

const ECHO = 7;
const NTLM = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM\r\n\r\n";

/** The failures that people were told of, each with its hint. */
function failuresIn(stderr: string): { connection: number; message: string; hint: string }[] {
  return [...stderr.matchAll(/^bastion: connection (\d+) failed: (.*)\n {2}(.*)$/gm)]
    .map(([, connection, message = "", hint = ""]) => ({
      connection: Number(connection),
      message,
      hint,
    }));
}

Deno.test("a network that fails under a tunnel: each connection says why, and the next one works", async () => {
  const [known, stranger] = await Promise.all([testCertificate(), testCertificate()]);
  await withAzure({ ports: { [ECHO]: "echo" } }, async (azure) => {
    const certificates = [known, stranger];
    await using running = new AsyncDisposableStack();
    const proxy = running.use(inspectingProxy({ certificates, farCa: azure.emulator.ca }));
    const caFile = azure.file("inspection.pem");
    await Deno.writeTextFile(caFile, known.ca);
    const tunnel = await azure.start(
      ["tunnel", ...azure.targetArgs(ECHO), "--ca-file", caFile, "--half-close-grace", "1"],
      { debug: false, env: { HTTPS_PROXY: `http://${proxy.host}`, NO_PROXY: "", no_proxy: "" } },
    );
    const [, digits] = await tunnel.output("stdout", /connect on port (\d+)/);
    const port = Number(digits);
    let connections = 0;

    // Before the proxy changes its mind: a DELETE may need a way of its own.
    const isDeleted = () =>
      eventually("the session deleted", () => {
        const { sessionsIssued, tokenDeletes } = azure.emulator.stats();
        return sessionsIssued === connections && tokenDeletes === connections;
      });
    const works = async () => {
      connections++;
      await assertEcho(port);
      await isDeleted();
    };
    const fails = async (number: number, message: RegExp, hint: RegExp) => {
      const before = failuresIn(tunnel.stderr()).length;
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      assert.equal(await conn.read(new Uint8Array(1)), null, "EOF, and no reset");
      const said = await eventually("its reason", () => failuresIn(tunnel.stderr())[before]);
      assert.equal(said.connection, number);
      assert.match(said.message, message);
      assert.match(said.hint, hint);
    };

    const failsOnce = async (message: RegExp, hint: RegExp) => {
      await fails(++connections, message, hint);
      await isDeleted();
    };

    await works();
    const dataPlane = `127.0.0.1:${azure.dataPlanePort}`;
    const through = `through the proxy ${proxy.host}`;

    proxy.behave({ refusal: "HTTP/1.1 502 Bad Gateway\r\n\r\n" });
    await failsOnce(
      new RegExp(`^The proxy ${proxy.host} did not open a way to ${dataPlane}: .*502 Bad Gateway`),
      /CONNECT/,
    );
    proxy.behave({ refusal: "" });
    await failsOnce(
      new RegExp(`^The proxy .* way to ${dataPlane}: it closed the connection`),
      /CONNECT/,
    );
    proxy.behave({ refusal: NTLM });
    await failsOnce(new RegExp(`^The proxy ${proxy.host} wants a sign-in \\(NTLM\\)`), /cntlm, px/);
    proxy.behave("open");
    await works();

    proxy.present(1);
    await failsOnce(
      new RegExp(`^The certificate that ${dataPlane} presents is not trusted ${through}: `),
      /--ca-file/,
    );
    proxy.present(0);
    await works();

    await running.disposeAsync();
    const gone = new RegExp(`^The proxy ${proxy.host} refused the connection`);
    for (const number of [1, 2]) await fails(connections + number, gone, /its network/);

    tunnel.signal("SIGINT");
    assert.equal((await tunnel.exit()).code, 0);
    const told = tunnel.stderr().split("\n").filter((line) => line.startsWith("bastion: "));
    assert.equal(told.length, 6, "one line for each failure, and none for what worked");
  });
});
