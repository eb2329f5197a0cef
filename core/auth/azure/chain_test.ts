import assert from "node:assert/strict";
import { fakeHttp } from "../../../tests/helpers/fake_http.ts";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { publicCloud } from "../../azure/clouds.ts";
import { systemClock } from "../../clock.ts";
import { createLogger, type LogRecord } from "../../logger.ts";
import { createPlatform } from "../../platform.ts";
import { Secret } from "../../secret.ts";
import { chooseCredential } from "./chain.ts";
import type { AzureCredential, CredentialProvider, CredentialSource } from "./credential.ts";

function setUp(...providers: CredentialProvider[]) {
  const records: LogRecord[] = [];
  const log = createLogger("test", (record) => records.push(record));
  const http = fakeHttp(() => ({}));
  const env = () => undefined;
  const platform = createPlatform("linux", env);
  const cloud = publicCloud;
  const source = { cloud, http, log, clock: systemClock, platform, memoryOnly: true, env };
  const chosen = (name?: string, tokenCommand?: string) =>
    chooseCredential(
      providers,
      tokenCommand === undefined ? source : { ...source, tokenCommand },
      systemClock,
      name,
    );
  return { records, chosen };
}

function provider(
  name: string,
  create: () => AzureCredential | { absent: string },
): CredentialProvider & { asked: number } {
  const made = {
    name,
    asked: 0,
    create() {
      made.asked++;
      return Promise.resolve().then(create);
    },
  };
  return made;
}

const absent = (name: string) => provider(name, () => ({ absent: `no ${name}` }));
const present = (name: string) => {
  let tokens = 0;
  const getToken = () =>
    Promise.resolve({ token: new Secret(`t${++tokens}`), expiresOn: Date.now() + 3_600_000 });
  return provider(name, () => ({ name, getToken }));
};

Deno.test("chooseCredential: the first that is not absent, with its tokens kept", async () => {
  const last = present("c");
  const { chosen, records } = setUp(absent("a"), present("b"), last);
  const credential = await chosen();
  assert.equal(credential.name, "b");
  assert.equal((await credential.getToken("s")).token, (await credential.getToken("s")).token);
  assert.equal(last.asked, 0);
  assert.deepEqual(records.map(({ fields }) => fields), [{ name: "b" }]);
});

Deno.test("chooseCredential: one that is broken ends the search", async () => {
  const last = present("c");
  const broken = provider("b", () => {
    throw new Error("broken");
  });
  await assert.rejects(setUp(absent("a"), broken, last).chosen(), /broken/);
  assert.equal(last.asked, 0);
});

Deno.test("chooseCredential: where there is none, every reason is said", async () => {
  await assert.rejects(setUp(absent("a"), absent("b")).chosen(), {
    code: "credential-missing",
    message: "No Azure credential was found: a: no a; b: no b.",
  });
});

Deno.test("chooseCredential: the one that is named, and nobody else", async () => {
  const first = present("a");
  assert.equal((await setUp(first, present("b")).chosen("b")).name, "b");
  await assert.rejects(setUp(first, absent("b")).chosen("b"), {
    code: "credential-absent",
    message: /credential b was asked for, and is not there: no b\.$/,
  });
  await assert.rejects(setUp(first, absent("b")).chosen("c\x1b[31m"), {
    code: "usage",
    message: "There is no Azure credential c\\u001b[31m.",
    hint: "These are known: a, b.",
  });
  assert.equal(first.asked, 0);
});

Deno.test("chooseCredential: whoever gives a token command means it", async () => {
  const first = present("a");
  const command = present("token-command");
  assert.equal((await setUp(first, command).chosen(undefined, "x")).name, "token-command");
  assert.equal((await setUp(first, command).chosen("a", "x")).name, "a");
  assert.equal(first.asked, 1);
});

Deno.test("chooseCredential: kept on disk under its provider's name, unless nothing may be", async () => {
  await using dir = await tempDir();
  const env = (name: string) => name === "XDG_STATE_HOME" ? dir.path : undefined;
  const one = { cacheKey: "who", name: "one" };
  let tokens = 0;
  const getToken = () =>
    Promise.resolve({ token: new Secret(`token-${++tokens}`), expiresOn: Date.now() + 3_600_000 });
  const ask = async (name: string, others: Partial<CredentialSource> = {}) => {
    const source = {
      cloud: publicCloud,
      http: fakeHttp(() => ({})),
      log: createLogger("test", () => {}),
      clock: systemClock,
      platform: createPlatform("linux", env),
      memoryOnly: false,
      env,
      ...others,
    };
    const made = provider(name, () => ({ ...one, getToken }));
    const credential = await chooseCredential([made], source, systemClock);
    return (await credential.getToken("s")).token.reveal();
  };
  assert.equal(await ask("a"), "token-1");
  assert.equal(await ask("a"), "token-1");
  // Whatever a plugin says that it is, it is not given what another has had.
  assert.equal(await ask("plugin"), "token-2");
  assert.equal(
    await ask("a", { cloud: { ...publicCloud, authority: "https://x.example" } }),
    "token-3",
  );
  assert.equal(await ask("a", { memoryOnly: true }), "token-4");
  assert.equal(await ask("a"), "token-1");
});
