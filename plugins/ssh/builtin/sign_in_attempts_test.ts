import assert from "node:assert/strict";
import type { Prompt as Question } from "ssh2";
import { Secret } from "../../../core/secret.ts";
import type { Prompt, VmSignInMethod } from "../../../core/mod.ts";
import { createInMemoryVm, type InMemoryVm } from "../../../tests/helpers/in_memory_vm.ts";
import { needs } from "../../../tests/helpers/needs.ts";
import { runSuccessfully } from "../../../tests/helpers/run.ts";
import { signInAttempts } from "./sign_in_attempts.ts";

interface Case {
  readonly offers: readonly string[];
  readonly methods?: readonly VmSignInMethod[];
  readonly options?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly prompt?: Partial<Prompt>;
  readonly prepare?: (vm: InMemoryVm) => Promise<void>;
}

/** What is tried, as far as it is worth telling, where the host refuses everything. */
async function attempts(
  { offers, methods, options = {}, env = {}, prompt = {}, prepare }: Case,
): Promise<string[]> {
  await using vm = await createInMemoryVm({ serve: () => {}, env, prompt });
  await prepare?.(vm);
  const plan = methods ? { ...vm.plan, signIn: { name: "test", methods } } : vm.plan;
  const doors = {
    username: "ada",
    offers: (method: string) => offers.includes(method),
    fail: (error: unknown) => assert.fail(String(error)),
    say: () => {},
    signal: vm.ctx.signal,
  };
  const tried: string[] = [];
  for await (const attempt of signInAttempts(plan, options, doors, vm.ctx)) {
    assert.equal(attempt.username, "ada");
    const detail = attempt.type === "password"
      ? ` ${attempt.password}`
      : attempt.type === "agent"
      ? ` ${typeof attempt.agent === "string" ? attempt.agent : "keys"}`
      : "";
    tried.push(`${attempt.type}${detail}`);
  }
  return [...tried, ...vm.log.filter((line) => line.startsWith("warning"))];
}

const ALL = ["publickey", "password", "keyboard-interactive"];
const password = new Secret("s3cret");

Deno.test("signInAttempts: a sign-in's methods, in their order, and no other", async () => {
  const methods = [{ kind: "password", password }, {
    kind: "keyboard-interactive",
    password,
  }] as const;
  assert.deepEqual(await attempts({ offers: ALL, methods, env: { SSH_AUTH_SOCK: "/agent" } }), [
    "none",
    "password s3cret",
    "keyboard-interactive",
  ]);
  assert.deepEqual(await attempts({ offers: ["keyboard-interactive"], methods }), [
    "none",
    "keyboard-interactive",
  ]);
  const agents = [{ kind: "agent" }, { kind: "agent", socket: "/own" }] as const;
  assert.deepEqual(
    await attempts({ offers: ALL, methods: agents, env: { SSH_AUTH_SOCK: "/agent" } }),
    ["none", "agent /agent", "agent /own"],
  );
  assert.deepEqual(await attempts({ offers: ["password"], methods: agents }), ["none"]);
});

needs("ssh-keygen").test("signInAttempts: without a sign-in, what OpenSSH would do", async () => {
  const answers = ["one", "two", "three"];
  const prompt = { password: () => Promise.resolve(answers.shift() ?? "") };
  const prepare = async ({ directory }: InMemoryVm) => {
    await Deno.mkdir(directory.file(".ssh"), { mode: 0o700 });
    for (const name of [".ssh/id_ed25519", "other"]) {
      const file = directory.file(name);
      await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file]);
    }
    await Deno.writeTextFile(directory.file(".ssh", "id_rsa"), "no key", { mode: 0o600 });
  };
  const tried = await attempts({ offers: ALL, env: { SSH_AUTH_SOCK: "/agent" }, prompt, prepare });
  const asked = ["keyboard-interactive", "keyboard-interactive", "keyboard-interactive"];
  assert.deepEqual(tried, [
    ...["none", "agent /agent", "agent keys", ...asked],
    ...["password one", "password two", "password three"],
    "warning: a key is left out",
  ]);
  const named = { offers: ["publickey"], prepare, options: { "ssh-key": "~/other" } };
  assert.deepEqual(await attempts(named), ["none", "agent keys"], "a key that is named is the one");
  const missing = { ...named, options: { "ssh-key": "nowhere" } };
  assert.deepEqual(await attempts(missing), ["none", "warning: a key is left out"]);
  if (Deno.build.os === "windows") return;
  const open = async (vm: InMemoryVm) => {
    await prepare(vm);
    await Deno.chmod(vm.directory.file("other"), 0o644);
  };
  assert.deepEqual(await attempts({ ...named, prepare: open }), [
    "none",
    "warning: a key is left out",
  ]);
});

Deno.test("signInAttempts: where nobody can be asked, the flag that answers is named", async () => {
  await assert.rejects(attempts({ offers: ["password"] }), {
    code: "input-needed",
    hint: /--password-stdin/,
  });
});

Deno.test("signInAttempts: questions for the password are answered once, others are asked", async () => {
  const asked: string[] = [];
  const ask = ({ message }: { readonly message: string }) => {
    asked.push(message);
    return Promise.resolve(`answer ${asked.length}`);
  };
  await using vm = await createInMemoryVm({
    serve: () => {},
    prompt: { input: ask, password: ask },
  });
  const methods = [{ kind: "keyboard-interactive", password }] as const;
  const doors = {
    username: "ada",
    offers: () => true,
    fail: (error: unknown) => assert.fail(String(error)),
    say: (text: string) => void asked.push(`said ${text}`),
    signal: vm.ctx.signal,
  };
  const plan = { ...vm.plan, signIn: { name: "password", methods } };
  for await (const attempt of signInAttempts(plan, {}, doors, vm.ctx)) {
    if (attempt.type !== "keyboard-interactive") continue;
    const put = (questions: Question[], instructions = "") =>
      new Promise<readonly string[]>((resolve) =>
        attempt.prompt("", instructions, "", questions, (answers) => resolve(answers))
      );
    assert.deepEqual(
      await put([
        { prompt: "Verification code for one-time password: ", echo: true },
        { prompt: "Password: ", echo: false },
        { prompt: "New password: ", echo: false },
        { prompt: `\n\n${"x".repeat(1000)}`, echo: true },
        { prompt: " ", echo: true },
      ], "Look at your phone"),
      ["answer 2", "s3cret", "answer 3", "answer 4", "answer 5"],
    );
    assert.deepEqual(await put([{ prompt: "Password: ", echo: false }]), [""]);
  }
  assert.deepEqual(asked, [
    "said Look at your phone",
    "(ada@app/web1:22) Verification code for one-time password:",
    "(ada@app/web1:22) New password:",
    `(ada@app/web1:22) ${"x".repeat(300)}`,
    "(ada@app/web1:22) The VM asks",
  ]);
});

Deno.test("signInAttempts: a server that asks for the password for ever is not answered for ever", async () => {
  await using vm = await createInMemoryVm({ serve: () => {} });
  const failed = Promise.withResolvers<unknown>();
  const methods = [{ kind: "keyboard-interactive", password }] as const;
  const doors = {
    username: "ada",
    offers: () => true,
    fail: failed.resolve,
    say: () => {},
    signal: vm.ctx.signal,
  };
  const plan = { ...vm.plan, signIn: { name: "password", methods } };
  let answered = 0;
  for await (const attempt of signInAttempts(plan, {}, doors, vm.ctx)) {
    if (attempt.type !== "keyboard-interactive") continue;
    const again = () =>
      attempt.prompt("", "", "", [{ prompt: "Password: ", echo: false }], () => {
        answered++;
        again();
      });
    again();
  }
  const error = await failed.promise;
  assert.ok(error instanceof Error && "code" in error);
  assert.deepEqual([error.code, answered], ["ssh/permission-denied", 10]);
});
