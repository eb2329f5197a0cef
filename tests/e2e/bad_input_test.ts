/**
 * Whatever a user or a file gives us that is wrong: a clear error with its exit code, and nothing
 * half-done. (That no session is left is checked for each run, by withAzure.)
 */

import assert from "node:assert/strict";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { testCertificate } from "../helpers/test_certificate.ts";

const SUBSCRIPTION = "/subscriptions/0e0e0e0e-0000-4000-8000-000000000002";
const COMPUTE = "providers/Microsoft.Compute";
const VM = `${SUBSCRIPTION}/resourceGroups/app/${COMPUTE}/virtualMachines/web1`;
const HUGE = 10 * 1024 * 1024;
/** Programs at once: as many as there is work for on a small machine. */
const AT_ONCE = 3;

interface Case {
  readonly what: string;
  readonly exit: number;
  readonly code?: string;
  /** What the message or the hint must say. */
  readonly says: RegExp;
  /** The words, where they are not the usual ones and `args`. */
  readonly words?: readonly string[];
  /** Added to the usual words; `@name` stands for the file of that name. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files to write, by name. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** Every case as a run of its own; all that fail are told, not the first alone. */
async function runCases(azure: EmulatedAzure, cases: readonly Case[]): Promise<void> {
  const waiting = cases.entries();
  const failures: string[] = [];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const [number, one] of waiting) {
      await runCase(azure, one, `case-${number}`).catch((error) =>
        failures.push(`${one.what}: ${error instanceof Error ? error.message : error}`)
      );
    }
  }));
  assert.deepEqual(failures, []);
}

async function runCase(azure: EmulatedAzure, one: Case, folder: string): Promise<void> {
  const { what, exit, code, says, args = [], env = {}, files = {} } = one;
  await Deno.mkdir(azure.file(folder), { mode: 0o700 });
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeFile(
      azure.file(folder, name),
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  const filled = (word: string) =>
    word.replace(/^@([\w.-]+)$/, (_, name) => azure.file(folder, name));
  const portFile = azure.file(folder, "port");
  const process = await azure.start(
    [
      ...one.words ?? ["tunnel", "--name", "hub", "--resource-group", "net"],
      ...one.words || args.some((word) => word.startsWith("--target-"))
        ? []
        : ["--target-resource-id", azure.vmId],
      ...one.words || args.includes("--resource-port") ? [] : ["--resource-port", "7"],
      ...args.map(filled),
      ...["--port-file", portFile, "--json"],
    ],
    {
      debug: false,
      env: {
        XDG_STATE_HOME: azure.file(folder, "state"),
        ...Object.fromEntries(Object.entries(env).map(([name, text]) => [name, filled(text)])),
      },
    },
  );
  const { code: ended } = await process.exit(60_000);
  const said = `${process.stdout()}${process.stderr()}`;
  assert.doesNotMatch(said, /^ +at .*:\d+|\bat (?:async )?\S+ \(|uncaught|TypeError/mi, "a stack");
  const lines = process.stdout().trim().split("\n");
  assert.equal(lines.length, 1, said);
  const error = JSON.parse(lines[0] ?? "");
  assert.equal(error.event, "error", said);
  assert.notEqual(error.code, "unexpected", said);
  assert.equal(ended, exit, said);
  assert.equal(error.exitCode, exit, said);
  if (code !== undefined) assert.equal(error.code, code, said);
  assert.match(`${error.message}\n${error.hint}`, says);
  assert.ok(error.message.length < 1500 && error.hint.length < 600, `${what}: too long`);
  await assert.rejects(Deno.stat(portFile), Deno.errors.NotFound, "a port file is left");
  for (const name of ["sessions", "background"]) {
    const left = await Array.fromAsync(Deno.readDir(azure.file(folder, "state", "bastion", name)))
      .catch(() => []);
    assert.deepEqual(left, [], `${name} are left`);
  }
}

function withVm(body: (azure: EmulatedAzure) => Promise<void>): Promise<void> {
  return withAzure({ ports: { 7: "echo" } }, body);
}

const target = (what: string, id: string, says: RegExp = /resource id/i): Case => ({
  what: `resource id: ${what}`,
  args: ["--target-resource-id", id],
  exit: 2,
  code: "usage",
  says,
});
const ip = (address: string, says: RegExp = /IPv4|IP address/): Case => ({
  what: `IP address ${address}`,
  args: ["--target-ip-address", address, "--resource-port", "22"],
  exit: 2,
  says,
});
const port = (option: string, value: string): Case => ({
  what: `${option} ${value}`,
  args: [`${option}=${value}`, ...option === "--resource-port" ? ["--resource-port", value] : []],
  exit: 2,
  says: /port/i,
});

Deno.test("ids, addresses and ports that are none: exit code 2, before anything is asked", () =>
  withVm(async (azure) => {
    await runCases(azure, [
      target("a word", "web1"),
      target("a group's", `${SUBSCRIPTION}/resourceGroups/app`),
      target("cut off", VM.slice(0, -"/web1".length)),
      target("a dot segment", VM.replace("/app/", "/../")),
      target("an empty segment", VM.replace("/app/", "//")),
      target("a query", `${VM}?api-version=1`),
      target("a fragment", `${VM}#x`),
      target("an encoded slash", VM.replace("web1", "web1%2f..%2fother")),
      target("a line break", `${VM}\nHost: evil`),
      target("another scheme", `https://management.azure.com${VM}`),
      target("10,000 letters", `${VM}${"x".repeat(10_000)}`),
      ip("10.0.0"),
      ip("10.0.0.256"),
      ip("10.0.0.4/24"),
      ip("010.0.0.4"),
      ip("::1"),
      ip("10.0.0.4:22"),
      ip("localhost"),
      port("--resource-port", "0"),
      port("--resource-port", "65536"),
      port("--resource-port", "22x"),
      port("--resource-port", "2e1"),
      port("--port", "65536"),
      port("--port", "-1"),
      {
        what: "no target",
        words: ["tunnel", "--name", "hub", "--resource-group", "net", "--resource-port", "22"],
        exit: 2,
        code: "usage",
        says: /No target is named\..*--target-ip-address/s,
      },
      {
        what: "a host in three words",
        words: ["tunnel", "web1", "--bastion", "a/b/c", "--resource-port", "22"],
        exit: 2,
        says: /"a\/b" cannot be an Azure name/,
      },
      {
        what: "a host's id that is a VM's",
        words: ["tunnel", "web1", "--bastion", VM, "--resource-port", "22"],
        exit: 2,
        says: /bastion host/i,
      },
    ]);
    const { armRequests, entraRequests } = azure.emulator.stats();
    assert.deepEqual({ armRequests, entraRequests }, { armRequests: 0, entraRequests: 0 });
  }));

/** Nine levels of ten aliases each. */
const BOMB = [
  "a: &a [x, x]",
  ...[..."bcdefghi"].map((name, i) => {
    const before = "abcdefgh"[i];
    return `${name}: &${name} [${Array(10).fill(`*${before}`).join(", ")}]`;
  }),
].join("\n");

Deno.test("config and cloud files that are none: exit code 3", () =>
  withVm(async (azure) => {
    const config = (what: string, content: string | Uint8Array, says: RegExp): Case => ({
      what: `config: ${what}`,
      args: ["--config", "@config.yaml"],
      files: { "config.yaml": content },
      exit: 3,
      says,
    });
    const cloud = (what: string, content: string | Uint8Array, says: RegExp): Case => ({
      what: `cloud: ${what}`,
      env: { BASTION_CLOUD_FILE: "@cloud.json" },
      files: { "cloud.json": content },
      exit: 3,
      code: "cloud-file-invalid",
      says,
    });
    const fields = JSON.parse(await Deno.readTextFile(azure.emulator.cloudFile));
    const changed = (more: Record<string, unknown>) => JSON.stringify({ ...fields, ...more });
    await runCases(
      azure,
      [
        config("no YAML", "defaults: [}", /config\.yaml:1:\d+/),
        config("a tab", "defaults:\n\ttunnel: {}", /config\.yaml:2:\d+/),
        config("a list", "- a", /config\.yaml:1:1/),
        config("a wrong key", "defautls: {}", /defaults/),
        config("bytes", new Uint8Array([0xff, 0xfe, 0, 1]), /UTF-8/),
        config("10 MiB", "#".repeat(HUGE), /larger than/),
        config("a bomb", BOMB, /config\.yaml:\d+/),
        config(
          "a bomb of a target",
          `aliases:\n  web:\n${BOMB.replace(/^/gm, "    ")}`,
          /config\.yaml:\d+/,
        ),
        { what: "config: none", args: ["--config", "@none.yaml"], exit: 3, says: /none\.yaml/ },
        { what: "config: a folder", args: ["--config", "/"], exit: 3, says: /directory/i },
        cloud("no YAML", "{", /cannot be used/),
        cloud("a list", "[]", /cannot be used/),
        cloud("empty", "", /cannot be used/),
        cloud("a bomb", BOMB, /cannot be used/),
        cloud("10 MiB", " ".repeat(HUGE), /larger than/),
        cloud("HTTP", changed({ resourceManager: "http://127.0.0.1" }), /resourceManager/),
        cloud("a user in it", changed({ authority: "https://a@127.0.0.1" }), /authority/),
        cloud("a number", changed({ audience: 1 }), /audience/),
        {
          ...cloud("a CA that is not there", changed({ caFile: "none.pem" }), /from the cloud/),
          code: "ca-file-invalid",
        },
        { what: "no such cloud", args: ["--cloud", "Nowhere"], exit: 3, says: /Nowhere/ },
        {
          what: "an endless file",
          env: { BASTION_CLOUD_FILE: "/dev/zero" },
          exit: 3,
          says: /larger than/,
        },
      ].filter(({ what }) => Deno.build.os !== "windows" || what !== "an endless file"),
    );
    assert.equal(azure.emulator.stats().armRequests, 0);
  }));

Deno.test("certificates that are none: exit code 3, and no key is shown", async () => {
  const { certificate, key } = await testCertificate({ rsa: true });
  const elliptic = await testCertificate();
  await withVm(async (azure) => {
    const ca = (what: string, content: string | Uint8Array): Case => ({
      what: `CA file: ${what}`,
      args: ["--ca-file", "@ca.pem"],
      files: { "ca.pem": content },
      exit: 3,
      code: "ca-file-invalid",
      says: /ca\.pem/,
    });
    const client = (what: string, content: string | Uint8Array, says: RegExp): Case => ({
      what: `client certificate: ${what}`,
      env: { AZURE_CLIENT_SECRET: "", AZURE_CLIENT_CERTIFICATE_PATH: "@client.pem" },
      files: { "client.pem": content },
      exit: 3,
      code: "file-failed",
      says,
    });
    const damaged = certificate.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA");
    await runCases(azure, [
      ca("empty", ""),
      ca("a key", key),
      ca("cut off", certificate.slice(0, 200)),
      ca("damaged", damaged),
      ca("DER", new Uint8Array([0x30, 0x82, 1, 2, 3])),
      ca("a page", "<html>Sign in</html>"),
      { what: "CA file: a folder", args: ["--ca-file", "/"], exit: 3, says: /directory/i },
      client("empty", "", /no private key/),
      client("without its key", certificate, /no private key/),
      client("the key alone", key, /no certificate/),
      client("a damaged key", key.replace(/\n.{20}/, "\nAAAAAAAAAAAAAAAAAAAA") + certificate, /./),
      client("a damaged certificate", key + damaged, /./),
      client("of another kind", elliptic.key + elliptic.certificate, /RSA/),
      client("10 MiB", "x".repeat(HUGE), /larger than/),
      {
        what: "client certificate: none",
        env: { AZURE_CLIENT_SECRET: "", AZURE_CLIENT_CERTIFICATE_PATH: "@none.pem" },
        exit: 3,
        code: "file-failed",
        says: /none\.pem/,
      },
      ...(Deno.build.os === "windows" ? [] : [{
        what: "CA file: endless",
        args: ["--ca-file", "/dev/zero"],
        exit: 3,
        code: "ca-file-invalid",
        says: /larger than/,
      }]),
    ]);
    for (const line of key.split("\n").filter((text) => text.length > 40)) azure.addSecret(line);
  });
});
