/**
 * Failures that have secrets in them, and must not show them. (That no other run shows any is
 * checked for each of them, by withAzure.)
 */

import assert from "node:assert/strict";
import type { BastionProcess } from "../helpers/bastion_process.ts";
import { connectProxy } from "../helpers/connect_proxy.ts";
import { type EchoPlace, startEchoingAzure } from "../helpers/echoing_azure.ts";
import { CLIENT_SECRET, type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { findLeaks } from "../helpers/leak_check.ts";

/** Each is spelt differently in each encoding. */
const AUTH_TOKEN = 'auth+tö/ken=&%"one';
const WEBSOCKET_TOKEN = 'web+sö/cket=&%"two';
const WRONG_SECRET = 'wr+ng/se=crét&%"x';
const PROXY_PASSWORD = 'pr+xy/pa=sswörd&%"x';

/** A cloud file like the emulator's, with some fields of its own. */
async function writeCloudFile(
  azure: EmulatedAzure,
  fields: Readonly<Record<string, string>>,
): Promise<string> {
  const file = azure.file("cloud.json");
  const cloud: Record<string, string> = JSON.parse(
    await Deno.readTextFile(azure.emulator.cloudFile),
  );
  await Deno.writeTextFile(file, JSON.stringify({ ...cloud, ...fields }));
  return file;
}

interface EchoCase {
  readonly place: EchoPlace;
  readonly secrets: readonly string[];
  /** What the program fails with: before it is ready, or at its first connection. */
  readonly code: string;
  readonly exitCode?: number;
}

const echoes: readonly EchoCase[] = [
  { place: "entra", secrets: [CLIENT_SECRET], code: "credential-refused", exitCode: 4 },
  { place: "arm", secrets: [], code: "arm-forbidden", exitCode: 5 },
  { place: "token", secrets: [], code: "token-refused" },
  { place: "upgrade", secrets: [WEBSOCKET_TOKEN], code: "upgrade-forbidden" },
  { place: "delete", secrets: [AUTH_TOKEN], code: "upgrade-forbidden" },
];

for (const { place, secrets, code, exitCode } of echoes) {
  for (const as of ["html", "json"] as const) {
    Deno.test(`${place}: an error that repeats the request (${as}) shows no secret`, async () => {
      await using echoing = await startEchoingAzure({
        place,
        as,
        authToken: AUTH_TOKEN,
        websocketToken: WEBSOCKET_TOKEN,
      });
      await withAzure({}, async (azure) => {
        azure.addSecret(AUTH_TOKEN);
        azure.addSecret(WEBSOCKET_TOKEN);
        const caFile = azure.file("ca.pem");
        await Deno.writeTextFile(caFile, azure.emulator.ca + echoing.ca);
        const cloudFile = await writeCloudFile(azure, {
          caFile,
          resourceManager: echoing.endpoint,
          ...(place === "entra" ? { authority: echoing.endpoint } : {}),
        });
        const env = { BASTION_CLOUD_FILE: cloudFile };
        const words = ["tunnel", ...azure.targetArgs(22)];
        const json = await azure.start([...words, "--json"], { env });
        const people = await azure.start(words, { env });

        if (exitCode === undefined) {
          const { host, port } = await json.listening();
          (await Deno.connect({ hostname: host, port })).close();
          assert.equal((await json.event("connection-failed"))["code"], code);
          const [, shown] = await people.output("stdout", /connect on port (\d+)/);
          (await Deno.connect({ hostname: "127.0.0.1", port: Number(shown) })).close();
          await people.output("stderr", /^bastion: connection 1 failed: /m);
          await expectEnd(json, 0);
          await expectEnd(people, 0);
        } else {
          assert.equal((await json.event("error"))["code"], code);
          assert.equal((await json.exit()).code, exitCode);
          assert.equal((await people.exit()).code, exitCode);
        }
        const known = [...azure.emulator.secrets(), ...secrets];
        const repeated = findLeaks({ echoed: echoing.echoed() }, known);
        assert.ok(repeated.length > 0, "there was a secret in what was repeated");
      });
    });
  }
}

async function expectEnd(process: BastionProcess, code: number): Promise<void> {
  process.signal("SIGTERM");
  assert.equal((await process.exit()).code, code);
}

Deno.test("a client secret that Entra refuses is not shown", () =>
  withAzure({}, async (azure) => {
    azure.addSecret(WRONG_SECRET);
    for (const json of [["--json"], []]) {
      const process = await azure.start(["tunnel", ...azure.targetArgs(22), ...json], {
        env: { AZURE_CLIENT_SECRET: WRONG_SECRET },
      });
      assert.equal((await process.exit()).code, 4);
      assert.match(process.stdout() + process.stderr(), /Microsoft Entra refused the credential/);
    }
  }));

Deno.test("a TLS error shows no secret", () =>
  withAzure({}, async (azure) => {
    const caFile = azure.file("ca.pem");
    await using other = await startEchoingAzure({
      place: "arm",
      as: "html",
      authToken: AUTH_TOKEN,
      websocketToken: WEBSOCKET_TOKEN,
    });
    // Entra is believed, Resource Manager is not: there is a token by then. By another name, since
    // servers of one process take each other's TLS sessions for their own, unverified.
    const resourceManager = other.endpoint.replace("127.0.0.1", "localhost");
    await Deno.writeTextFile(caFile, azure.emulator.ca);
    const cloudFile = await writeCloudFile(azure, { caFile, resourceManager });
    const process = await azure.start(["tunnel", "--json", ...azure.targetArgs(22)], {
      env: { BASTION_CLOUD_FILE: cloudFile },
    });
    assert.equal((await process.event("error"))["code"], "tls-untrusted");
    assert.equal((await process.exit()).code, 8);
    assert.ok(azure.emulator.stats().accessTokensIssued > 0);
    assert.equal(other.echoed(), "", "nothing was sent there");
  }));

for (const refuses of [false, true]) {
  const name = refuses
    ? "a proxy that refuses its password"
    : "a tunnel through a proxy with Basic";
  Deno.test(`${name} shows no secret`, async () => {
    await using proxy = connectProxy({
      credentials: `user:${refuses ? "another one" : PROXY_PASSWORD}`,
    });
    await withAzure({ ports: { 7: "echo" } }, async (azure) => {
      azure.addSecret(PROXY_PASSWORD);
      const proxyUrl = `http://user:${encodeURIComponent(PROXY_PASSWORD)}@${proxy.host}`;
      const env = { HTTPS_PROXY: proxyUrl, NO_PROXY: "", no_proxy: "" };
      const process = await azure.start(["tunnel", "--json", ...azure.targetArgs(7)], { env });
      if (refuses) {
        assert.equal((await process.event("error"))["code"], "proxy-authentication");
        assert.equal((await process.exit()).code, 8);
        return;
      }
      const { host, port } = await process.listening();
      using conn = await Deno.connect({ hostname: host, port });
      await conn.write(new TextEncoder().encode("hello"));
      const received = new Uint8Array(5);
      assert.equal(await conn.read(received), 5);
      assert.equal(new TextDecoder().decode(received), "hello");
      await conn.closeWrite();
      const ways = new Set(proxy.requests.map((head) => head.split(" ")[1]));
      const { endpoint } = azure.emulator;
      assert.deepEqual(ways, new Set([new URL(endpoint).host, `127.0.0.1:${azure.dataPlanePort}`]));
      await eventually("a WebSocket", () => azure.emulator.stats().webSocketsOpened === 1);
    });
  });
}

Deno.test("the check finds what is shown: a command of the user's prints its environment", async () => {
  await assert.rejects(
    withAzure({ ports: { 7: "echo" } }, async (azure) => {
      const words = ["tunnel", ...azure.targetArgs(7), "--", Deno.execPath(), "eval"];
      const process = await azure.start([
        ...words,
        "console.log(btoa(unescape(encodeURIComponent(Deno.env.get('AZURE_CLIENT_SECRET')))))",
      ]);
      await process.exit();
    }),
    /secrets were shown/,
  );
});
