/** `bastion login`, `logout` and `account`, against the emulator's Entra. */

import assert from "node:assert/strict";
import {
  CLIENT_SECRET,
  type EmulatedAzure,
  type ProgramOptions,
  withAzure,
} from "../helpers/emulated_azure.ts";
import type { BastionProcess } from "../helpers/bastion_process.ts";
import { writeAll } from "../helpers/local_server.ts";
import { testCertificate } from "../helpers/test_certificate.ts";

const TENANT = "0e0e0e0e-0000-4000-8000-000000000001";
const DEV = "0e0e0e0e-0000-4000-8000-0000000000d1";
const PROD = "0e0e0e0e-0000-4000-8000-0000000000d2";
const CLIENT = "0e0e0e0e-0000-4000-8000-0000000000c1";
const ADA = "ada@emulator.test";
const PRINCIPAL = ["login", "--service-principal", "-u", CLIENT, "-t", TENANT];

function withUsers(body: (azure: EmulatedAzure) => Promise<void>): Promise<void> {
  return withAzure({
    ports: { 7: "echo" },
    world: {
      subscriptions: [{ id: DEV, name: "Dev" }, { id: PROD, name: "Production" }],
      users: [{ userPrincipalName: ADA, autoApprove: true }],
    },
  }, body);
}

/** Without the credentials that the emulator's environment brings, and without a screen. */
function signedOut(azure: EmulatedAzure): Record<string, string> {
  return {
    AZURE_TENANT_ID: "",
    AZURE_CLIENT_ID: "",
    AZURE_CLIENT_SECRET: "",
    AZURE_SUBSCRIPTION_ID: "",
    AZURE_CONFIG_DIR: azure.file("no-az"),
    BROWSER: "",
    DISPLAY: "",
    WAYLAND_DISPLAY: "",
    SSH_CONNECTION: "",
  };
}

function start(
  azure: EmulatedAzure,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<BastionProcess> {
  return azure.start(args, { ...options, env: { ...signedOut(azure), ...options.env } });
}

async function run(
  azure: EmulatedAzure,
  args: readonly string[],
  { code = 0, input, ...options }: ProgramOptions & { code?: number; input?: string } = {},
): Promise<BastionProcess> {
  const process = await start(azure, args, {
    ...options,
    ...(input === undefined ? {} : { stdin: "piped" }),
  });
  if (input !== undefined) {
    const writer = process.stdin?.getWriter();
    await writer?.write(new TextEncoder().encode(input));
    await writer?.close();
  }
  const status = await process.exit(60_000);
  assert.equal(status.code, code, `${args.join(" ")}\n${process.stdout()}\n${process.stderr()}`);
  return process;
}

async function json(
  azure: EmulatedAzure,
  args: readonly string[],
  options?: Parameters<typeof run>[2],
): Promise<Record<string, unknown>> {
  return JSON.parse((await run(azure, [...args, "--json"], options)).stdout());
}

Deno.test("a device code signs in, and every later command is signed in by it", () =>
  withUsers(async (azure) => {
    // Where there is no screen, it is what happens without options.
    const login = await run(azure, ["login"]);
    assert.match(login.stderr(), /There is no browser here/);
    assert.match(login.stderr(), /open https:\/\/127\.0\.0\.1:\d+\/\S+ .*code [A-Z0-9-]{6,}/);
    assert.match(login.stderr(), /There are 2 subscriptions; the first by name is taken/);
    assert.match(
      login.stdout(),
      new RegExp(`^Signed in as ${ADA} \\(tenant ${TENANT}\\)\\.$`, "m"),
    );
    assert.match(login.stdout(), new RegExp(`^Default subscription: Dev \\(${DEV}\\)$`, "m"));

    const file = `${azure.stateDirectory}/login.json`;
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    assert.equal(((await Deno.stat(azure.stateDirectory)).mode ?? 0) & 0o777, 0o700);

    const shown = await json(azure, ["account", "show"]);
    assert.equal(shown["username"], ADA);
    assert.equal(shown["credential"], `login (${ADA})`);
    assert.equal(shown["tenant"], TENANT);
    assert.equal(shown["cloud"], "Emulator");
    assert.ok(Date.parse(String(shown["tokenExpires"])) > Date.now());

    // As the documentation has it, `az` replaced.
    await run(azure, ["account", "set", "--subscription", "production"]);
    const listed = await json(azure, ["account", "list"]);
    const rows = listed["subscriptions"];
    assert.ok(Array.isArray(rows));
    assert.deepEqual(
      rows.map(({ name, isDefault, tenant, state }) => [
        name,
        isDefault,
        tenant,
        state,
      ]),
      [["Dev", false, TENANT, "Enabled"], ["Production", true, TENANT, "Enabled"]],
    );
    assert.match((await run(azure, ["account", "list"])).stdout(), /^\* Production +0e0e/m);

    const wrong = await json(azure, ["account", "set", "-s", "Prod"], { code: 6 });
    assert.equal(wrong["code"], "subscription-not-found");
  }));

Deno.test("with --json a sign-in is one document, and where to go is on stderr", () =>
  withUsers(async (azure) => {
    const login = await run(azure, ["login", "--use-device-code", "--json", "--quiet"]);
    const document = JSON.parse(login.stdout());
    assert.deepEqual(document, {
      kind: "user",
      username: ADA,
      tenant: TENANT,
      defaultSubscription: DEV,
      subscriptions: [
        { id: DEV, name: "Dev", isDefault: true },
        { id: PROD, name: "Production", isDefault: false },
      ],
    });
    assert.match(login.stderr(), /type in the code/);
  }));

/** Follows the redirects, as the browser of a user who is signed in already. */
const BROWSER = `const answer = await fetch(Deno.args[0]);
await Deno.writeTextFile(Deno.args[1], answer.status + " " + await answer.text());`;

Deno.test("the browser that BROWSER names signs in", () =>
  withUsers(async (azure) => {
    const [script, command, page] = ["b.js", "browser", "page"].map((name) => azure.file(name));
    assert.ok(script && command && page);
    await Deno.writeTextFile(script, BROWSER);
    const deno = `'${Deno.execPath()}' run -A --no-config --cert '${azure.emulator.caFile}'`;
    await Deno.writeTextFile(command, `#!/bin/sh\nexec ${deno} '${script}' "$1" '${page}'\n`, {
      mode: 0o700,
    });
    const login = await run(azure, ["login"], { env: { BROWSER: command } });
    assert.match(login.stderr(), /A browser has been opened/);
    assert.match(login.stdout(), new RegExp(`^Signed in as ${ADA} `, "m"));
    assert.match(await Deno.readTextFile(page), /^200 .*<h1>Signed in<\/h1>/);
    assert.equal((await json(azure, ["account", "show"]))["username"], ADA);
  }));

Deno.test("a service principal's secret comes from stdin or the environment", () =>
  withUsers(async (azure) => {
    const credential = `login (service principal ${CLIENT})`;
    await run(azure, [...PRINCIPAL, "--password-stdin"], { input: `${CLIENT_SECRET}\n` });
    assert.equal((await json(azure, ["account", "show"]))["credential"], credential);
    await run(azure, ["logout"]);
    await run(azure, [...PRINCIPAL, "--password", "-"], { input: CLIENT_SECRET });
    await run(azure, ["logout", "--username", CLIENT]);
    const login = await run(azure, PRINCIPAL, { env: { AZURE_CLIENT_SECRET: CLIENT_SECRET } });
    assert.match(login.stdout(), new RegExp(`^Signed in as ${CLIENT} `, "m"));
    assert.equal((await json(azure, ["account", "show"]))["username"], CLIENT);
  }));

Deno.test("a secret that is an argument, missing or wrong is refused, and nothing is kept", () =>
  withUsers(async (azure) => {
    const given = "hunter2-hunter2";
    azure.addSecret(given);
    for (const args of [["-p", given], [`--password=${given}`], ["--federated-token", given]]) {
      const { code, hint } = await json(azure, [...PRINCIPAL, ...args], { code: 2 });
      assert.equal(code, "usage");
      assert.match(String(hint), /stdin|--federated-token -/);
    }
    const password = await run(azure, [...PRINCIPAL, "-p", given], { code: 2 });
    assert.match(password.stderr(), /be asked.*--password-stdin.*AZURE_CLIENT_SECRET/);
    // Nobody can be asked: there is no terminal.
    assert.equal((await json(azure, PRINCIPAL, { code: 2 }))["code"], "input-needed");
    const wrong = await run(azure, [...PRINCIPAL, "--password-stdin"], { code: 4, input: given });
    assert.match(wrong.stderr(), /AADSTS7000215/);
    const empty = await run(azure, [...PRINCIPAL, "--password-stdin"], { code: 2, input: "\n" });
    assert.match(empty.stderr(), /Nothing came on stdin/);
    await run(azure, ["login", "--service-principal", "-u", CLIENT], { code: 2 });
    await run(azure, ["login", "--certificate", "x.pem"], { code: 2 });
    const nobody = await run(azure, ["account", "show"], { code: 4 });
    assert.match(nobody.stderr(), /login: nobody is signed in \(run: bastion login\)/);
  }));

Deno.test("a service principal shows a certificate, or a token of an issuer that is trusted", async () => {
  const { certificate, key } = await testCertificate({ rsa: true });
  const world = {
    servicePrincipals: [{
      clientId: CLIENT,
      certificate,
      federatedCredentials: [{
        issuer: "github" as const,
        subject: "repo:a/b:ref:refs/heads/main",
      }],
    }],
  };
  await withAzure({ world }, async (azure) => {
    const who = async () => (await json(azure, ["account", "show"]))["credential"];
    await Deno.writeTextFile(azure.file("app.pem"), `${key}\n${certificate}`);
    await run(azure, [...PRINCIPAL, "--certificate", "app.pem"], { cwd: azure.file() });
    assert.equal(await who(), `login (service principal ${CLIENT})`);
    await run(azure, ["logout"]);

    const token = await azure.emulator.workloadToken("github");
    await run(azure, [...PRINCIPAL, "--federated-token", "-"], { input: `${token}\n` });
    assert.equal(await who(), `login (service principal ${CLIENT})`);
    await run(azure, ["logout"]);
    await Deno.writeTextFile(azure.file("token"), token);
    await run(azure, [...PRINCIPAL, "--federated-token-file", azure.file("token")]);
    assert.equal(await who(), `login (service principal ${CLIENT})`);

    await Deno.remove(azure.file("token"));
    await Deno.remove(`${azure.stateDirectory}/tokens`, { recursive: true }).catch(() => {});
    const gone = await json(azure, ["account", "show"], { code: 3 });
    assert.equal(gone["code"], "file-failed");
    const missing = await json(azure, [...PRINCIPAL, "--certificate", "x"], { code: 3 });
    assert.equal(missing["code"], "file-failed");
  });
});

Deno.test("this machine's managed identity signs in", async () => {
  const identity = "0e0e0e0e-0000-4000-8000-0000000000a1";
  const resourceId =
    `/subscriptions/${DEV}/resourceGroups/app/providers/Microsoft.ManagedIdentity/userAssignedIdentities/m`;
  const world = { managedIdentities: [{ clientId: identity, resourceId }] };
  await withAzure({ world }, async (azure) => {
    const options = { env: imds(azure) };
    const login = await run(azure, ["login", "--identity", "--client-id", identity], options);
    assert.match(login.stdout(), new RegExp(`^Signed in as ${identity}`, "m"));
    const shown = await json(azure, ["account", "show"], options);
    assert.match(String(shown["credential"]), /^login \(managed-identity/);
    // az's older spelling, and an identity that this machine has not.
    await run(azure, ["login", "-i", "-u", CLIENT], { ...options, code: 4 });
  });
});

function imds({ emulator }: EmulatedAzure): Record<string, string> {
  assert.ok(emulator.managedIdentity);
  return { AZURE_POD_IDENTITY_AUTHORITY_HOST: emulator.managedIdentity.imds };
}

Deno.test("an authority of the AD FS kind signs users in, too", () =>
  withUsers(async (azure) => {
    const cloud = JSON.parse(await Deno.readTextFile(azure.emulator.cloudFile));
    const file = azure.file("stack.json");
    const stack = { ...cloud, name: "Stack", authority: `${cloud.authority}/adfs` };
    await Deno.writeTextFile(file, JSON.stringify(stack));
    const options = { env: { BASTION_CLOUD_FILE: file } };
    await run(azure, ["login", "--device-code"], options);
    assert.equal((await json(azure, ["account", "show"], options))["username"], ADA);
    // Whom one cloud knows the other does not.
    await run(azure, ["account", "show"], { code: 4 });
  }));

Deno.test("logout forgets sign-ins, and every token that was kept", () =>
  withUsers(async (azure) => {
    assert.match((await run(azure, ["logout"])).stderr(), /Nobody was signed in/);
    await run(azure, ["login"]);
    await run(azure, [...PRINCIPAL, "--password-stdin"], { input: CLIENT_SECRET });
    await run(azure, ["account", "show"]);
    const one = await json(azure, ["logout", "--username", CLIENT]);
    assert.deepEqual(one, { signedOut: [{ kind: "service-principal", username: CLIENT }] });
    assert.equal((await json(azure, ["account", "show"]))["username"], ADA);
    assert.match((await run(azure, ["logout"])).stdout(), new RegExp(`^Signed out: ${ADA}$`, "m"));
    const left = await Promise.all(
      (await filesUnder(azure.stateDirectory)).map((file) => Deno.readTextFile(file)),
    );
    for (const secret of [...azure.emulator.secrets(), CLIENT_SECRET]) {
      assert.ok(!left.some((text) => text.includes(secret)), "a secret is left");
    }
  }));

Deno.test("two that sign in at once do not lose each other", () =>
  withUsers(async (azure) => {
    const secret = { env: { AZURE_CLIENT_SECRET: CLIENT_SECRET } };
    await Promise.all([run(azure, ["login"]), run(azure, PRINCIPAL, secret)]);
    const { signedOut } = await json(azure, ["logout"]);
    assert.ok(Array.isArray(signedOut));
    assert.deepEqual(signedOut.map(({ username }) => username).sort(), [CLIENT, ADA].sort());
  }));

Deno.test("revoked while a tunnel is open: what is open lives on, and a new sign-in mends the rest", () =>
  withUsers(async (azure) => {
    await run(azure, ["login"]);
    const tunnel = await azure.openTunnel(7, ["--half-close-grace", "0"], {
      env: signedOut(azure),
    });
    using open = await tunnel.connect();
    await echo(open, "before");

    azure.emulator.setUser({ userPrincipalName: ADA, revoked: true });
    // As Azure does with a token of somebody who was signed out everywhere.
    azure.emulator.setFaults([{ at: "token", kind: "status", status: 401 }]);
    using refused = await tunnel.connect();
    assert.equal(await refused.read(new Uint8Array(1)), null);
    const failed = await tunnel.event("connection-failed");
    assert.equal(failed["code"], "credential-interaction");
    assert.match(String(failed["message"]), /AADSTS50173/);
    assert.equal(failed["hint"], `Run: bastion login --tenant ${TENANT}`);
    await echo(open, "still there");

    azure.emulator.setFaults([]);
    await run(azure, ["login", "--tenant", TENANT]);
    using mended = await tunnel.connect();
    await echo(mended, "after");
  }));

Deno.test("Ctrl-C ends a sign-in that nobody finishes", () =>
  withAzure(
    { world: { users: [{ userPrincipalName: ADA, password: "long-enough" }] } },
    async (azure) => {
      const login = await start(azure, ["login", "--device-code"]);
      await login.output("stderr", /type in the code/);
      login.signal("SIGINT");
      assert.equal((await login.exit()).code, 130);
      await run(azure, ["account", "show"], { code: 4 });
    },
  ));

Deno.test("Ctrl-C ends the wait for a secret that nobody pipes in", () =>
  withAzure({}, async (azure) => {
    const login = await start(azure, [...PRINCIPAL, "--password-stdin"], { stdin: "piped" });
    await login.output("stderr", /\[cli\] call/);
    login.signal("SIGINT");
    assert.equal((await login.exit(20_000)).code, 130);
  }));

Deno.test("a sign-in that is not kept sets no default subscription", () =>
  withUsers(async (azure) => {
    const input = CLIENT_SECRET;
    await run(azure, [...PRINCIPAL, "--password-stdin", "--no-cache"], { input });
    await run(azure, [...PRINCIPAL, "--password-stdin"], { input });
    await run(azure, ["account", "set", "--subscription", "Production", "--no-cache"]);
    const shown = await json(azure, ["account", "show"]);
    assert.deepEqual(shown["defaultSubscription"], { id: PROD, name: "Production" });
    await run(azure, [...PRINCIPAL, "--password-stdin", "--no-cache"], { input });
    assert.deepEqual((await json(azure, ["account", "show"]))["defaultSubscription"], {
      id: PROD,
      name: "Production",
    });
    const out = await run(azure, ["logout", "--no-cache"]);
    assert.match(out.stdout(), /Signed out/);
    await run(azure, ["account", "show"], { code: 4 });
  }));

async function echo(conn: Deno.TcpConn, text: string): Promise<void> {
  const sent = new TextEncoder().encode(text);
  await writeAll(conn, sent);
  const received = new Uint8Array(sent.length);
  for (let at = 0; at < sent.length;) {
    const count = await conn.read(received.subarray(at));
    assert.ok(count, "the connection ended");
    at += count;
  }
  assert.deepEqual(received, sent);
}

async function filesUnder(directory: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isFile, isDirectory } of Deno.readDir(directory)) {
    if (isFile) files.push(`${directory}/${name}`);
    if (isDirectory) files.push(...await filesUnder(`${directory}/${name}`));
  }
  return files;
}
