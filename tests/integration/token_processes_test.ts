import assert from "node:assert/strict";
import { join } from "node:path";
import { bastionEnvironment } from "../helpers/bastion_process.ts";
import { fakeEntra, tokenAnswer } from "../helpers/fake_entra.ts";
import { tempDir } from "../helpers/temp_dir.ts";

const PROCESSES = Deno.env.get("BASTION_TEST_FULL") === "1" ? 100 : 12;
const SCRIPT = join(import.meta.dirname ?? "", "../helpers/token_process.ts");

interface TokenProcess {
  /** Resolves when it has said that it is ready. */
  readonly ready: Promise<void>;
  /** Lets it ask, and resolves to what it was given. */
  ask(): Promise<string>;
}

function startProcess(args: readonly string[], env: Record<string, string>): TokenProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, ...args],
    env: bastionEnvironment(env),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  return {
    ready: lines.read().then(({ value }) => assert.equal(value, "ready\n")),
    async ask() {
      const stdin = child.stdin.getWriter();
      await stdin.write(new TextEncoder().encode("go\n"));
      await stdin.close();
      const { value } = await lines.read();
      await lines.cancel();
      assert.equal((await child.status).code, 0);
      return value ?? "";
    },
  };
}

Deno.test(`${PROCESSES} processes at the moment of expiry make one token request`, async () => {
  await using dir = await tempDir();
  await using entra = fakeEntra({
    // The first token is one that is to be renewed.
    token: (_form, count) => tokenAnswer(count, { expires_in: count === 1 ? 200 : 3600 }),
  });
  const ca = dir.file("ca.pem");
  await Deno.writeTextFile(ca, entra.ca);
  const env = {
    AZURE_TENANT_ID: "11111111-2222-3333-4444-555555555555",
    AZURE_CLIENT_ID: "66666666-7777-8888-9999-000000000000",
    AZURE_CLIENT_SECRET: "planted~Secret.value",
    AZURE_AUTHORITY_HOST: entra.authority,
    XDG_STATE_HOME: dir.file("state"),
  };
  const args = [entra.authority, ca];
  const first = startProcess(args, env);
  await first.ready;
  assert.equal(await first.ask(), "token-number-1\n");
  const processes = Array.from({ length: PROCESSES }, () => startProcess(args, env));
  await Promise.all(processes.map(({ ready }) => ready));
  const tokens = await Promise.all(processes.map((process) => process.ask()));
  assert.deepEqual(new Set(tokens), new Set(["token-number-2\n"]));
  assert.equal(entra.forms.length, 2);

  // A new secret is another proof: the token of the old one is not its.
  const other = startProcess(args, { ...env, AZURE_CLIENT_SECRET: "another~Secret.value" });
  await other.ready;
  assert.equal(await other.ask(), "token-number-3\n");
});
