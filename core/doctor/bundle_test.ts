import assert from "node:assert/strict";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import type { Configuration } from "../config/configuration.ts";
import { createPlatform } from "../platform.ts";
import { Secret } from "../secret.ts";
import { bundleText, openBundle } from "./bundle.ts";

const platform = createPlatform(
  "linux",
  (name) => ({ HOME: "/home/adalove", USER: "adalove" })[name],
);

const configuration: Configuration = {
  file: "/home/adalove/.config/bastion/config.yaml",
  exists: true,
  problems: [],
  settings: () => [{
    path: ["token-command"],
    option: { name: "token-command", type: "string", placeholder: "CMD", summary: "Token" },
    value: "vault read --password hunter2hunter2",
    source: { kind: "flag", flag: "--token-command" },
  }],
};

function contents(found = "well") {
  return {
    program: { version: "1.2.3", os: "linux", arch: "x86_64", deno: "2.9.6" },
    checks: [{ name: "a", title: "A", status: "ok" as const, found, ms: 1 }],
    time: new Date(0),
    configuration,
    log: [{
      time: new Date(0),
      level: "info" as const,
      scope: "core",
      message: "said",
      fields: {
        secret: new Secret("planted-secret"),
        text: "it was planted-secret",
        problem: new Error("planted-secret did it"),
        size: 3n,
      },
    }],
  };
}

Deno.test("a bundle tells what was found and set, and neither secrets nor who the user is", () => {
  const text = bundleText(
    contents("ada.love@contoso.com in /home/adalove/x, as ADALOVE"),
    platform,
  );
  const bundle = JSON.parse(text);
  assert.equal(bundle.checks[0].found, "a…@contoso.com in ~/x, as USER");
  assert.equal(bundle.config.file, "~/.config/bastion/config.yaml");
  assert.deepEqual(bundle.config.settings[0], {
    path: "token-command",
    value: "vault",
    source: { kind: "flag", flag: "--token-command" },
  });
  assert.deepEqual(bundle.log[0].fields, {
    secret: "[redacted]",
    text: "it was [redacted]",
    problem: "Error: [redacted] did it",
    size: "3",
  });
  for (const secret of ["planted", "hunter2", "adalove"]) assert.ok(!text.includes(secret), secret);
});

Deno.test("words that have a short user name in them stay as they are", () => {
  const env = (name: string) => ({ HOME: "/root", USER: "ab", LOGNAME: "connect" })[name];
  const text = bundleText(contents("ab grabs connections: connect"), createPlatform("linux", env));
  assert.equal(JSON.parse(text).checks[0].found, "ab grabs connections: USER");
});

Deno.test("the file is new and the user's alone; what was there stays; an unused one goes", async () => {
  await using directory = await tempDir();
  const path = directory.file("bundle.json");
  {
    await using _unused = await openBundle(path, platform);
  }
  await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
  {
    await using bundle = await openBundle(path, platform);
    await bundle.write(contents());
  }
  const text = await Deno.readTextFile(path);
  assert.equal(JSON.parse(text).program.version, "1.2.3");
  if (Deno.build.os !== "windows") assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  await assert.rejects(openBundle(path, platform), { code: "file-failed" });
  await assert.rejects(openBundle(directory.file("no", "such"), platform), { code: "file-failed" });
  assert.equal(await Deno.readTextFile(path), text);
});
