import assert from "node:assert/strict";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { systemClock } from "../../clock.ts";
import { bastionError } from "../../errors.ts";
import { createPlatform } from "../../platform.ts";
import { Secret } from "../../secret.ts";
import { createManualClock } from "../../testing/manual_clock.ts";
import { tokenStore } from "./token_store.ts";

const platform = createPlatform("linux", () => undefined);

Deno.test("tokenStore: what was written is read, under its own key only, by its owner only", async () => {
  await using dir = await tempDir();
  const store = tokenStore(dir.file("tokens"), platform, systemClock);
  assert.equal(await store.read("ada@contoso"), undefined);
  const access = { token: new Secret("token-of-ada"), expiresOn: 5 };
  await store.write("ada@contoso", { access, renewed: 3 });
  const read = await store.read("ada@contoso");
  assert.deepEqual(
    [read?.access.token.reveal(), read?.access.expiresOn, read?.renewed],
    ["token-of-ada", 5, 3],
  );
  assert.equal(await store.read("bob@contoso"), undefined);
  const [file, ...others] = [...Deno.readDirSync(dir.file("tokens"))];
  assert.match(file?.name ?? "", /^[0-9a-f]{64}\.json$/);
  assert.deepEqual(others, []);
  const { mode } = await Deno.stat(dir.file("tokens", file?.name ?? ""));
  assert.equal((mode ?? 0) & 0o777, 0o600);
});

Deno.test("tokenStore: what is damaged is as good as none; what others may read is refused", async () => {
  await using dir = await tempDir();
  const store = tokenStore(dir.file("tokens"), platform, systemClock);
  await store.write("k", { access: { token: new Secret("token"), expiresOn: 5 }, renewed: 3 });
  const [file] = [...Deno.readDirSync(dir.file("tokens"))];
  const path = dir.file("tokens", file?.name ?? "");
  const damaged = ["", "{", "[]", "null", '{"token":1,"expiresOn":1,"renewed":1}', '{"token":"t"}'];
  for (const text of damaged) {
    await Deno.writeTextFile(path, text);
    assert.equal(await store.read("k"), undefined, text);
  }
  await Deno.chmod(path, 0o644);
  await assert.rejects(store.read("k"), { code: "private-file-unsafe" });
});

Deno.test("tokenStore: a failure is read by those who asked before it, and is no token", async () => {
  await using dir = await tempDir();
  const clock = createManualClock();
  const store = tokenStore(dir.file("tokens"), platform, clock);
  const before = clock.date().getTime();
  await clock.advance(5);
  await store.writeFailure(
    "k",
    bastionError("credential-absent", { credential: "x", reason: "y" }),
  );
  assert.equal((await store.readFailure("k", before))?.code, "credential-absent");
  assert.equal(await store.readFailure("k", before + 5), undefined, "asked after it");
  assert.equal(await store.readFailure("other", before), undefined);
  assert.equal(await store.read("k"), undefined);
  await store.writeFailure("other", new Error("a defect is told by whoever has it"));
  const [file, ...others] = [...Deno.readDirSync(dir.file("tokens"))];
  assert.deepEqual(others, []);
  const path = dir.file("tokens", file?.name ?? "");
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);

  // Written by a clock that went wrong, and what is damaged.
  const future = JSON.stringify({ ...JSON.parse(await Deno.readTextFile(path)), at: before + 9 });
  for (const text of [future, "", "{", "null", "{}", '{"at":1}']) {
    await Deno.writeTextFile(path, text);
    assert.equal(await store.readFailure("k", before - 9), undefined, text);
  }
});
