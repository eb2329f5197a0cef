import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { promisify } from "node:util";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import { createSshLogin, type SshLogin } from "./ssh_login.ts";
import { openSshServer } from "./ssh_server.ts";

/** An authority that certifies nobody here. */
const NOBODYS = { authority: "ssh-ed25519 AAAA", now: Date.now };

interface Machine {
  readonly login: SshLogin;
  readonly home: string;
  readonly port: number;
  connect(config?: ssh2.ConnectConfig): Promise<ssh2.Client>;
}

async function withMachine(body: (machine: Machine) => Promise<void>): Promise<void> {
  const home = await Deno.realPath(await Deno.makeTempDir());
  const login = createSshLogin(NOBODYS);
  const server = await openSshServer({
    login,
    home,
    addressOf: (port) => port === 22 ? { host: "127.0.0.1", port: server.port } : undefined,
    ownNames: ["127.0.0.1"],
  });
  const clients: ssh2.Client[] = [];
  const connect = async (config: ssh2.ConnectConfig = { password: login.password }) => {
    const client = new ssh2.Client();
    clients.push(client);
    client.connect({ host: "127.0.0.1", port: server.port, username: "demo", ...config });
    await once(client, "ready");
    // ssh2 writes packet and MAC apart; with Nagle's algorithm each exchange takes 40 ms.
    client.setNoDelay(true);
    return client;
  };
  try {
    await body({ login, home, port: server.port, connect });
  } finally {
    for (const client of clients) {
      client.on("error", () => {});
      client.destroy();
    }
    await server.close();
    await Deno.remove(home, { recursive: true });
  }
}

/** ssh2 leaves its ciphers to the garbage collector, which the sanitizer takes for a leak. */
function sshTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeResources: false });
}

async function exec(client: ssh2.Client, command: string, input = "") {
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
    client.exec(command, (error, one) => error ? reject(error) : resolve(one));
  });
  let stdout = "";
  let stderr = "";
  channel.on("data", (data: Buffer) => stdout += data);
  channel.stderr.on("data", (data: Buffer) => stderr += data);
  channel.end(input);
  const [code, signal] = await once(channel, "close");
  return { stdout, stderr, code, signal };
}

sshTest("password and key open the door; anything else does not", async () => {
  await withMachine(async ({ login, connect }) => {
    await connect();
    await connect({ privateKey: login.privateKey });
    const stranger = ssh2.utils.generateKeyPairSync("ed25519");
    const wrong: ssh2.ConnectConfig[] = [
      { password: "wrong" },
      { password: "" },
      { username: "root", password: login.password },
      { privateKey: stranger.private },
      {},
    ];
    for (const config of wrong) {
      await assert.rejects(connect(config), /authentication methods failed/);
    }
  });
});

sshTest("commands run with their streams and their exit code", async () => {
  await withMachine(async ({ connect, home }) => {
    const client = await connect();
    assert.deepEqual(await exec(client, "pwd; echo oops >&2; exit 3"), {
      stdout: `${home}\n`,
      stderr: "oops\n",
      code: 3,
      signal: undefined,
    });
    assert.equal((await exec(client, "cat", "from here")).stdout, "from here");
    assert.equal((await exec(client, "kill -TERM $$")).signal, "SIGTERM");
    const big = await exec(client, "head -c 5000000 /dev/zero | tr '\\0' x");
    assert.equal(big.stdout.length, 5_000_000);
  });
});

sshTest("a command ends with its client", async () => {
  await withMachine(async ({ connect, home }) => {
    const client = await connect();
    client.exec("echo $$ > pid; sleep 600 & wait", () => {});
    let pid = "";
    for (let i = 0; pid === ""; i++) {
      assert.ok(i < 500, "the command does not start");
      await new Promise((resolve) => setTimeout(resolve, 10));
      pid = await Deno.readTextFile(`${home}/pid`).catch(() => "");
    }
    client.destroy();
    const isAlive = () => {
      try {
        // Signal 0 asks whether the process is there; Deno's types do not know it.
        return new Deno.Command("kill", { args: ["-0", pid.trim()], stderr: "null" }).outputSync()
          .success;
      } catch {
        return false;
      }
    };
    for (let i = 0; isAlive(); i++) {
      assert.ok(i < 500, "the command lives on");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});

sshTest("SFTP moves files within its root, byte for byte, and not out of it", async () => {
  await withMachine(async ({ connect, home }) => {
    const client = await connect();
    const sftp = await promisify<ssh2.SFTPWrapper>((then) => client.sftp(then))();
    const bytes = Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)).toHex());
    await promisify<void>((then) => sftp.writeFile("up.bin", bytes, then))();
    assert.deepEqual(Buffer.from(await Deno.readFile(`${home}/up.bin`)), bytes);
    const back = await promisify<Buffer>((then) => sftp.readFile("/up.bin", then))();
    assert.deepEqual(back, bytes);
    await promisify<void>((then) => sftp.mkdir("dir", then))();
    const rename = (from: string, to: string) =>
      promisify<void>((then) => sftp.rename(from, to, then))();
    await rename("up.bin", "dir/moved");
    const list = await promisify<ssh2.FileEntryWithStats[]>((then) => sftp.readdir("dir", then))();
    assert.deepEqual(list.map(({ filename }) => filename), ["moved"]);
    await Deno.symlink("/etc", `${home}/out`);
    const read = (path: string) => promisify<Buffer>((then) => sftp.readFile(path, then))();
    await assert.rejects(read("/out/passwd"), /permission denied/i);
    await assert.rejects(read("../../../../../etc/passwd"), /no such file/i);
    await assert.rejects(
      promisify<void>((then) => sftp.symlink("/etc/passwd", "link", then))(),
      /not supported|unsupported/i,
    );
    const open = () => promisify<Buffer>((then) => sftp.open("dir/moved", "r", then))();
    const handles: Buffer[] = [];
    await assert.rejects(async () => {
      for (;;) handles.push(await open());
    }, /failure/i);
    assert.equal(handles.length, 100);
    const [first] = handles;
    assert.ok(first);
    await promisify<void>((then) => sftp.close(first, then))();
    await open();
  });
});

sshTest("forwarding leads to the VM's own ports, and nowhere else", async () => {
  await withMachine(async ({ connect, login }) => {
    const client = await connect();
    const forward = (host: string, port: number) =>
      promisify<ssh2.ClientChannel>((then) =>
        client.forwardOut("127.0.0.1", 0, host, port, then)
      )();
    const inner = await connect({ sock: await forward("127.0.0.1", 22), password: login.password });
    assert.equal((await exec(inner, "echo inner")).stdout, "inner\n");
    await assert.rejects(forward("127.0.0.1", 23));
    await assert.rejects(forward("10.9.9.9", 22));
  });
});

Deno.test("every key pair that is made can be read", () => {
  // One in 256 of ssh2's cannot: a thousand without one is no chance.
  for (let i = 0; i < 500; i++) {
    const { hostKey, privateKey } = createSshLogin(NOBODYS);
    for (const key of [hostKey, privateKey]) {
      assert.ok(!(ssh2.utils.parseKey(key) instanceof Error));
    }
  }
});
