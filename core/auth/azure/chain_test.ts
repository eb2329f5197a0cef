import assert from "node:assert/strict";
import { fakeHttp } from "../../../tests/helpers/fake_http.ts";
import { publicCloud } from "../../azure/clouds.ts";
import { systemClock } from "../../clock.ts";
import { createLogger, type LogRecord } from "../../logger.ts";
import { createPlatform } from "../../platform.ts";
import { Secret } from "../../secret.ts";
import { chooseCredential } from "./chain.ts";
import type { AzureCredential, CredentialProvider } from "./credential.ts";

function setUp(...providers: CredentialProvider[]) {
  const records: LogRecord[] = [];
  const log = createLogger("test", (record) => records.push(record));
  const http = fakeHttp(() => ({}));
  const env = () => undefined;
  const platform = createPlatform("linux", env);
  const cloud = publicCloud;
  const source = { cloud, http, log, clock: systemClock, platform, memoryOnly: true, env };
  return { records, chosen: () => chooseCredential(providers, source, systemClock) };
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
