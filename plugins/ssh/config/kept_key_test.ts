import assert from "node:assert/strict";
import { createManualClock } from "../../../core/testing/manual_clock.ts";
import { createPlatform } from "../../../core/platform.ts";
import type { VmSignIn } from "../../../core/mod.ts";
import { Secret } from "../../../core/secret.ts";
import { removeKey, renewKey, settingsFile } from "./kept_key.ts";

const NAME = "0123456789abcdef";
const HOUR = 3_600_000;

Deno.test("renewKey: once for many, again when it ends within minutes, and two pairs stay", async () => {
  const state = await Deno.makeTempDir();
  try {
    const clock = createManualClock();
    let work: Promise<unknown> = Promise.resolve();
    const ctx = {
      platform: { ...createPlatform("linux", () => undefined), stateDirectory: state },
      clock,
      error: (code: string) => new Error(code),
      lock: <Value>(_file: string, one: () => Promise<Value>) => {
        const next = work.then(one);
        work = next.catch(() => {});
        return next;
      },
    };
    let made = 0;
    const signIn = (): Promise<VmSignIn> =>
      Promise.resolve({
        methods: [{ kind: "key", privateKey: new Secret(`key ${++made}`), certificate: "c" }],
        expiresOn: clock.date().getTime() + HOUR,
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    const renew = () => renewKey(NAME, signIn, ctx);
    await Promise.all(Array.from({ length: 20 }, renew));
    assert.equal(made, 1);
    await clock.advance(HOUR - 6 * 60_000);
    await renew();
    assert.equal(made, 1, "good for six minutes more");
    await clock.advance(2 * 60_000);
    await renew();
    assert.equal(made, 2);
    for (let i = 0; i < 3; i++) {
      await clock.advance(HOUR);
      await renew();
    }
    const directory = `${state}/certificates/${NAME}`;
    const entries = await Array.fromAsync(Deno.readDir(directory));
    assert.equal(entries.filter(({ isDirectory }) => isDirectory).length, 2);
    const text = await Deno.readTextFile(settingsFile(NAME, ctx));
    const [, key = "", certificate = ""] =
      /^ {2}IdentityFile "(.*)"\n {2}CertificateFile "(.*)"\n$/m.exec(text) ?? [];
    assert.equal(await Deno.readTextFile(key), "key 5\n");
    assert.equal(certificate, `${key}-cert.pub`);
    await removeKey(NAME, ctx);
    await assert.rejects(Deno.stat(directory), Deno.errors.NotFound);
    await removeKey(NAME, ctx);
    await assert.rejects(renewKey("../../x", signIn, ctx), /usage/);
  } finally {
    await Deno.remove(state, { recursive: true });
  }
});
