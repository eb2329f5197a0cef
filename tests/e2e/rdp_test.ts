/** `bastion rdp`: programs that open RDP, made up and real, by a tunnel and an .rdp file. */

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { eventsOf } from "../helpers/bastion_process.ts";
import { type EmulatedAzure, type ProgramOptions, withAzure } from "../helpers/emulated_azure.ts";
import { startReplyServer } from "../helpers/http_servers.ts";
import { needs } from "../helpers/needs.ts";
import { rdpPrograms, startScreen, startXrdp } from "../helpers/xrdp.ts";

const PORT = 3389;

/** Says what it was called with, and where the tunnel is; `then` is what it does after that. */
async function fakeLauncher(
  azure: EmulatedAzure,
  name: string,
  then: string,
): Promise<ProgramOptions> {
  const directory = azure.file("bin");
  await Deno.mkdir(directory, { recursive: true });
  const script = `#!/bin/sh
for word; do
  echo "word $word"
  case $word in *.rdp) file=$word ;; esac
done
stat -c 'mode %a' "$file" "$(dirname "$file")"
tr -d '\\r' < "$file"
port=$(tr -d '\\r' < "$file" | sed -n 's/^full address:s:localhost://p')
${then}
`;
  await Deno.writeTextFile(`${directory}/${name}`, script, { mode: 0o755 });
  const path = `${directory}:${Deno.env.get("PATH") ?? ""}`;
  return { debug: false, env: { PATH: path, DISPLAY: ":99", TMPDIR: azure.file() } };
}

function words(stdout: string): string[] {
  return stdout.split("\n").flatMap((line) => line.startsWith("word ") ? [line.slice(5)] : []);
}

async function isGone(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => false, (e) => e instanceof Deno.errors.NotFound);
}

needs("sh", "nc").test(
  "rdp opens the .rdp file, and ends with the program and its exit code",
  async () => {
    await using server = startReplyServer(new TextEncoder().encode("desktop\n"));
    await withAzure({ ports: { [PORT]: server.port } }, async (azure) => {
      const then = 'printf x | nc -N 127.0.0.1 "$port"; exit 7';
      const options = await fakeLauncher(azure, "xfreerdp3", then);
      const evil = "$(touch pwned);'`x`";
      const process = await azure.start(
        ["rdp", ...azure.targetArgs(PORT), "--username", "CORP\\ann", "--", "/f", evil],
        options,
      );
      assert.equal((await process.exit()).code, 7, process.stderr());
      const [file = "", ...rest] = words(process.stdout());
      assert.deepEqual(rest, ["/f", evil]);
      const [, port] = /Tunnel is ready, connect on port (\d+)/.exec(process.stderr()) ?? [];
      assert.equal(
        process.stdout().split("\n").filter((line) => !line.startsWith("word ")).join("\n"),
        `mode 600
mode 700
full address:s:localhost:${port}
alternate full address:s:localhost:${port}
use multimon:i:0
username:s:CORP\\ann
desktop
`,
      );
      assert.ok(await isGone(dirname(file)), "the file's directory is removed");
      assert.match(process.stderr(), /Opening it with FreeRDP\.\n/);
      assert.match(process.stderr(), /FreeRDP ended with exit code 7\.\n/);
      assert.equal(azure.emulator.stats().sessionsIssued, 1);
    });
  },
);

needs("sh").test("rdp: a session that the user has ended went well", async () => {
  await withAzure({ ports: { [PORT]: "echo" } }, async (azure) => {
    const options = await fakeLauncher(azure, "xfreerdp", "exit 11");
    const process = await azure.start(["rdp", ...azure.targetArgs(PORT), "--json"], options);
    assert.equal((await process.exit()).code, 0);
    assert.deepEqual(
      eventsOf(process.stderr()).map(({ event, launcher }) => [event, launcher]),
      [["listening", undefined], ["launched", "xfreerdp"], ["stopped", undefined]],
      "stdout is the program's",
    );
  });
});

needs("sh").test(
  "rdp: a program that hands over leaves the tunnel open until Ctrl-C",
  async () => {
    await withAzure({ ports: { [PORT]: "echo" } }, async (azure) => {
      const options = await fakeLauncher(azure, "remmina", "exit 0");
      const process = await azure.start(
        ["rdp", ...azure.targetArgs(PORT), "--configure", "--launcher", "remmina"],
        options,
      );
      const [, port] = await process.output("stdout", /full address:s:localhost:(\d+)\n/);
      const [flag, file = ""] = words(process.stdout());
      assert.equal(flag, "-e");
      {
        using conn = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
        await conn.write(new Uint8Array([1]));
        assert.equal(await conn.read(new Uint8Array(1)), 1);
      }
      assert.match(await Deno.readTextFile(file), /full address/, "the file is still there");
      process.signal("SIGINT");
      assert.equal((await process.exit()).code, 0);
      assert.ok(await isGone(dirname(file)));
    });
  },
);

needs("sh").test("rdp: Ctrl-C ends a program that has a window of its own", async () => {
  await withAzure({ ports: { [PORT]: "echo" } }, async (azure) => {
    const then = "trap 'echo told; exit 0' TERM; echo running; while :; do sleep 0.05; done";
    const options = await fakeLauncher(azure, "remmina", then);
    const process = await azure.start(
      ["rdp", ...azure.targetArgs(PORT), "--launcher", "remmina"],
      options,
    );
    await process.output("stdout", /^running$/m);
    process.signal("SIGINT");
    assert.equal((await process.exit()).code, 0);
    assert.match(process.stdout(), /^told$/m);
    assert.match(process.stderr(), /Tunnel closed\.\n/);
  });
});

needs("sh").test("rdp: why no connection came about is the exit code", async () => {
  await withAzure({
    ports: { [PORT]: "echo" },
    faults: [{ at: "token", kind: "status", status: 403 }],
  }, async (azure) => {
    // Whether the program thinks that it went well, or tells by a code of its own.
    for (const code of [0, 131]) {
      const then = `nc 127.0.0.1 "$port" < /dev/null; exit ${code}`;
      const options = await fakeLauncher(azure, "xfreerdp", then);
      const process = await azure.start(["rdp", ...azure.targetArgs(PORT)], options);
      assert.equal((await process.exit()).code, 5, process.stderr());
      assert.match(process.stderr(), /refuses access/);
    }
  });
});

Deno.test("rdp --launcher none is a tunnel, and the file is the user's", async () => {
  await withAzure({ ports: { [PORT]: "echo" } }, async (azure) => {
    const file = azure.file("win1.rdp");
    await Deno.writeTextFile(file, "full address:s:old\naudiomode:i:2\n");
    const process = await azure.start([
      ...["rdp", ...azure.targetArgs(PORT), "--launcher", "none", "--rdp-file", file],
      ...["--auth-type", "PASSWORD", "--disable-gateway"],
    ], { debug: false });
    const [, port] = await process.output("stdout", /^Tunnel is ready, connect on port (\d+) \(/m);
    await process.output("stderr", /connect one to localhost:\d+, or open .*win1\.rdp\. Ctrl-C/);
    process.signal("SIGINT");
    assert.equal((await process.exit()).code, 0);
    assert.deepEqual((await Deno.readTextFile(file)).split("\r\n"), [
      `full address:s:localhost:${port}`,
      `alternate full address:s:localhost:${port}`,
      "use multimon:i:0",
      "audiomode:i:2",
      "",
    ]);
  });
});

Deno.test("rdp without a program for it says so, and stays open", async () => {
  await withAzure({ ports: { [PORT]: "echo" } }, async (azure) => {
    const process = await azure.start(["rdp", ...azure.targetArgs(PORT)], {
      debug: false,
      env: { DISPLAY: "", WAYLAND_DISPLAY: "" },
    });
    await process.output("stderr", /No program is started \(.*no screen.*\): connect one to local/);
    process.signal("SIGTERM");
    assert.equal((await process.exit()).code, 0);
  });
});

const refused: readonly (readonly [args: readonly string[], code: string, message: RegExp])[] = [
  [["--auth-type", "aad"], "rdp/entra-needs-gateway", /which bastion does not use/],
  [["--enable-mfa"], "rdp/entra-needs-gateway", /\(--enable-mfa\)/],
  [["--auth-type", "AAD", "--disable-gateway"], "rdp/entra-needs-gateway", /switches off/],
  [["10.1.0.4", "--auth-type", "aad"], "rdp/entra-by-address", /by IP address/],
  [["--launcher", "mstsc"], "rdp/launcher-missing", /mstsc was not found/],
  [["--launcher", "windows-app", "--configure"], "rdp/launcher-missing", /may be xfreerdp or rem/],
  [["--launcher", "none", "--configure"], "rdp/launcher-needed", /--configure/],
  [["--launcher", "none", "--", "/f"], "rdp/launcher-needed", /What follows --/],
  [["ann@win1", "--username", "bob"], "rdp/user-twice", /bob and ann/],
  [["--username", "a\nb"], "rdp/user-odd", /"a\\nb"/],
  [["10.1.0.4", "--launcher", "none", "--resource-port", "3390"], "host-ip-connect-port", /3390/],
];

Deno.test("rdp: what cannot be is told before anything is opened", async () => {
  await withAzure({ ports: { [PORT]: "echo" } }, async (azure) => {
    for (const [args, code, message] of refused) {
      const first = args[0] ?? "";
      const target = first.startsWith("-") ? ["web1"] : [];
      const process = await azure.start(
        ["--json", "rdp", ...target, "--bastion", "net/hub", ...args],
        { debug: false },
      );
      const { code: exit } = await process.exit();
      const event = [...eventsOf(process.stdout()), ...eventsOf(process.stderr())].at(-1);
      assert.equal(event?.["code"], code, `${args}: ${process.stderr()}`);
      assert.match(String(event?.["message"]), message);
      assert.equal(exit, code === "host-ip-connect-port" ? 7 : 2);
    }
    assert.equal(azure.emulator.stats().sessionsIssued, 0);
  });
});

needs(...rdpPrograms).test("rdp: xfreerdp signs in to xrdp", async () => {
  await using screen = await startScreen();
  await using server = await startXrdp();
  await withAzure({ ports: { [PORT]: server.port } }, async (azure) => {
    // FreeRDP makes its folder there.
    const config = azure.file("config");
    await Deno.mkdir(config);
    const process = await azure.start([
      ...["rdp", ...azure.targetArgs(PORT), "--username", "ann", "--launcher", "xfreerdp"],
      ...["--", "/p:any", "+auth-only", "/sec:tls", "/cert:ignore"],
    ], {
      debug: false,
      env: { DISPLAY: screen.display, XDG_CONFIG_HOME: config, PATH: "/usr/bin:/bin" },
    });
    const { code } = await process.exit(120_000);
    assert.equal(code, 0, `${process.stdout()}\n${process.stderr()}\n${await server.log()}`);
    assert.match(await server.log(), /TLS connection established/);
    const { sessionsIssued, bytesUp, bytesDown } = azure.emulator.stats();
    assert.equal(sessionsIssued, 1);
    assert.ok(bytesUp > 1000 && bytesDown > 1000, `${bytesUp} up, ${bytesDown} down`);
  });
});
