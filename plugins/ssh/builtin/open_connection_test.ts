import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import { Secret } from "../../../core/secret.ts";
import { createInMemoryVm, type InMemoryVmOptions } from "../../../tests/helpers/in_memory_vm.ts";
import { testSsh2 } from "../../../tests/helpers/test_ssh2.ts";
import type { SessionPlan } from "../session_plan.ts";
import { openConnection } from "./open_connection.ts";

const hostKey = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 });
const otherKey = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 });
const PASSWORD = "s3cret-password";

/** ssh2's server. @param onClient what to do with a client that comes */
function serverFor(
  onClient: (client: ssh2.Connection) => void,
  key: string | ssh2.ParsedKey = hostKey.private,
): (socket: Duplex) => void {
  const server = new ssh2.Server({ hostKeys: [{ key: key as string }] }, (client) => {
    client.on("error", () => {});
    onClient(client);
  });
  return (socket) => server.injectSocket(socket as never);
}

/** Lets in by password, and then runs `onSession`. */
function byPassword(onSession: (session: ssh2.Session) => void = () => {}) {
  return serverFor((client) => {
    client.on("authentication", (attempt) => {
      if (attempt.method === "password" && attempt.password === PASSWORD) attempt.accept();
      else attempt.reject(["password"]);
    });
    client.on("session", (accept) => onSession(accept()));
  });
}

function withPassword(plan: SessionPlan, value = PASSWORD): SessionPlan {
  return {
    ...plan,
    signIn: { name: "password", methods: [{ kind: "password", password: new Secret(value) }] },
  };
}

/** The code of what a connection to such a VM comes to. */
async function codeOf(
  options: InMemoryVmOptions,
  sign: (plan: SessionPlan) => SessionPlan = withPassword,
) {
  await using vm = await createInMemoryVm(options);
  try {
    await using _connection = await openConnection(sign(vm.plan), {}, vm.ctx);
    return "open";
  } catch (error) {
    assert.equal(vm.tunnels(), 0, "the tunnel is stopped");
    return error instanceof Error && "code" in error ? error.code : error;
  }
}

testSsh2(
  [],
  "openConnection: what is no SSH server, or says nothing, or hangs up, is said",
  async () => {
    const noSsh = (socket: Duplex) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    assert.equal(await codeOf({ serve: noSsh }), "ssh/handshake-failed");
    assert.equal(await codeOf({ serve: (socket) => void socket.end() }), "ssh/handshake-failed");
    const flood = (socket: Duplex) => void socket.write(Buffer.alloc(100_000, "x"));
    assert.equal(await codeOf({ serve: flood }), "ssh/handshake-failed");
    const silent = { serve: (socket: Duplex) => void socket.resume() };
    assert.equal(
      await codeOf({ ...silent, clock: { sleep: () => Promise.resolve() } }),
      "ssh/handshake-failed",
    );
    const hangsUp = serverFor((client) => client.on("authentication", () => client.end()));
    assert.equal(await codeOf({ serve: hangsUp }), "ssh/connection-lost");
  },
);

testSsh2(
  [],
  "openConnection: a refusal is the sign-in's, and a wrong password is tried once",
  async () => {
    let attempts = 0;
    const serve = serverFor((client) =>
      client.on("authentication", (attempt) => {
        if (attempt.method !== "none") attempts++;
        attempt.reject(["password", "publickey", "keyboard-interactive"]);
      })
    );
    assert.equal(await codeOf({ serve }), "ssh/permission-denied");
    assert.equal(attempts, 1);
    const by = (name: string, expiresOn?: number) => (plan: SessionPlan): SessionPlan => ({
      ...plan,
      signIn: {
        name,
        methods: [{ kind: "password", password: new Secret("x") }],
        ...(expiresOn === undefined ? {} : { expiresOn }),
      },
    });
    assert.equal(await codeOf({ serve }, by("aad")), "ssh/certificate-refused");
    assert.equal(await codeOf({ serve }, by("aad", 1)), "ssh/certificate-ended");
  },
);

testSsh2([], "openConnection: a password that has expired is no hang", async () => {
  const serve = serverFor((client) =>
    client.on("authentication", (attempt) => {
      if (attempt.method === "password") attempt.requestChange("Choose another", () => {});
      else attempt.reject(["password"]);
    })
  );
  assert.equal(await codeOf({ serve }), "ssh/password-expired");
});

testSsh2([], "openConnection: a method that the server does not offer is not tried", async () => {
  const seen: string[] = [];
  const serve = serverFor((client) =>
    client.on("authentication", (attempt) => {
      seen.push(attempt.method);
      attempt.reject(["publickey"]);
    })
  );
  assert.equal(await codeOf({ serve }), "ssh/permission-denied");
  assert.deepEqual(seen, ["none"]);
});

testSsh2([], "openConnection: a lost tunnel gives its reason to all that goes by it", async () => {
  const sessions: ssh2.Session[] = [];
  await using vm = await createInMemoryVm({
    serve: byPassword((session) => {
      sessions.push(session);
      session.on("exec", (accept) => accept().write("half of"));
    }),
  });
  await using connection = await openConnection(withPassword(vm.plan), {}, vm.ctx);
  const channel = await connection.exec("cat");
  const buffer = new Uint8Array(100);
  assert.equal(await channel.read(buffer), 7);
  const reading = channel.read(buffer);
  vm.lose("peer-silent");
  const lost = { code: "peer-silent", message: "Lost: peer-silent.", hint: "Hint." };
  await assert.rejects(reading, lost);
  await assert.rejects(channel.ended, lost);
  await assert.rejects(channel.write(buffer), lost);
  await assert.rejects(connection.exec("true"), lost);
  assert.equal((await connection.ended)?.message, lost.message);
});

testSsh2(
  [],
  "openConnection: what is closed by ourselves was not lost, and leaves no tunnel",
  async () => {
    await using vm = await createInMemoryVm({ serve: byPassword() });
    const connection = await openConnection(withPassword(vm.plan), {}, vm.ctx);
    assert.equal(vm.tunnels(), 1);
    await connection[Symbol.asyncDispose]();
    assert.equal(await connection.ended, undefined);
    assert.equal(vm.tunnels(), 0);
  },
);

testSsh2([], "openConnection: the far side's end is a loss", async () => {
  const clients: ssh2.Connection[] = [];
  await using vm = await createInMemoryVm({
    serve: serverFor((client) => {
      clients.push(client);
      client.on("authentication", (attempt) => attempt.accept());
    }),
  });
  await using connection = await openConnection(withPassword(vm.plan), {}, vm.ctx);
  clients.forEach((client) => client.end());
  const reason = await connection.ended;
  assert.equal(reason && "code" in reason && reason.code, "ssh/connection-lost");
});

testSsh2([], "openConnection: an end of the program ends it", async () => {
  const end = new AbortController();
  await using vm = await createInMemoryVm({ serve: () => {} });
  const opening = openConnection(withPassword(vm.plan), {}, { ...vm.ctx, signal: end.signal });
  end.abort(new Error("SIGTERM"));
  await assert.rejects(opening, { message: "SIGTERM" });
  assert.equal(vm.tunnels(), 0);
});

testSsh2(
  [],
  "openConnection: host keys by policy, a new one kept only when it is proved",
  async () => {
    await using vm = await createInMemoryVm({ serve: byPassword() });
    const known = vm.directory.file("known");
    const open = async (check: string, serve = vm) => {
      const options = { "host-key-check": check, "known-hosts": known };
      await using _connection = await openConnection(withPassword(vm.plan), options, serve.ctx);
    };
    await assert.rejects(open("strict"), { code: "ssh/host-key-unknown" });
    await assert.rejects(Deno.stat(known), Deno.errors.NotFound);
    await open("accept-new");
    assert.match(await Deno.readTextFile(known), /^\/subscriptions\S+\/web1 ssh-rsa \S+\n$/);
    assert.match(vm.log.join("\n"), /Permanently added '\/subscriptions\S+' \(RSA\) to the list/);
    await open("strict");

    await using other = await createInMemoryVm({
      serve: serverFor((client) =>
        client.on("authentication", (attempt) => {
          if (attempt.method === "none") attempt.reject(["password"]);
          else attempt.accept();
        }), otherKey.private),
    });
    const before = await Deno.readTextFile(known);
    for (const check of ["strict", "accept-new"]) {
      await assert.rejects(open(check, other), {
        code: "ssh/host-key-changed",
        hint: /the lines that begin with \/subscriptions\S+ in /,
      });
    }
    // It goes on, but whoever is in between gets no password.
    await assert.rejects(open("off", other), { code: "ssh/permission-denied" });
    assert.equal(await Deno.readTextFile(known), before);
    await Deno.writeTextFile(known, before.replace(/^/, "@revoked "), { append: true });
    await assert.rejects(open("accept-new"), { code: "ssh/host-key-revoked" });
  },
);

testSsh2(
  [],
  "openConnection: what only OpenSSH can do is refused before anything is opened",
  async () => {
    await using vm = await createInMemoryVm({ serve: () => assert.fail("opened") });
    const behind = { vm: vm.plan.target, host: "db", port: 22 };
    await assert.rejects(openConnection({ ...vm.plan, behind }, {}, vm.ctx), {
      code: "ssh/builtin-cannot",
    });
    await assert.rejects(openConnection(vm.plan, { port: 0 }, vm.ctx), {
      code: "ssh/builtin-cannot",
    });
  },
);

testSsh2([], "openConnection: a key that the host cannot sign with is not kept", async () => {
  const parsed = ssh2.utils.parseKey(hostKey.private);
  assert.ok(!(parsed instanceof Error));
  const forged = Object.assign(Object.create(parsed), { sign: () => Buffer.alloc(256, 1) });
  const serve = serverFor(
    (client) => client.on("authentication", () => assert.fail("a sign-in was tried")),
    forged,
  );
  await using vm = await createInMemoryVm({ serve });
  const refused = { code: "ssh/handshake-failed" };
  await assert.rejects(openConnection(withPassword(vm.plan), {}, vm.ctx), refused);
  const kept = `${vm.ctx.platform.stateDirectory}/known_hosts`;
  assert.equal(await Deno.readTextFile(kept), "");
});

testSsh2([], "openConnection: a question is taken back when all is over", async () => {
  const serve = serverFor((client) =>
    client.on("authentication", (attempt) => {
      if (attempt.method !== "keyboard-interactive") {
        return attempt.reject(["keyboard-interactive"]);
      }
      attempt.prompt([{ prompt: "Code: ", echo: true }], () => {});
    })
  );
  const asked = Promise.withResolvers<AbortSignal | undefined>();
  const answer = Promise.withResolvers<string>();
  const prompt = {
    input(question: { readonly signal?: AbortSignal }) {
      asked.resolve(question.signal);
      return answer.promise;
    },
  };
  await using vm = await createInMemoryVm({ serve, prompt });
  const opening = openConnection(vm.plan, {}, vm.ctx);
  opening.catch(() => {});
  const signal = await asked.promise;
  assert.equal(signal?.aborted, false);
  vm.lose("peer-silent");
  await assert.rejects(opening, { code: "peer-silent" });
  assert.equal(signal?.aborted, true);
  answer.resolve("123456");
  await answer.promise;
});

testSsh2(
  [],
  "openConnection: what ssh2 refuses at once is thrown, and said nowhere else",
  async () => {
    await using vm = await createInMemoryVm({ serve: (socket) => void socket.resume() });
    const odd = { ...vm.plan, user: 7 as unknown as string };
    await assert.rejects(openConnection(odd, {}, vm.ctx), /username/i);
    assert.equal(vm.tunnels(), 0);
  },
);
