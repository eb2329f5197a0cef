import assert from "node:assert/strict";
import type { CommandContext } from "../../../core/mod.ts";
import { createPlatform } from "../../../core/platform.ts";
import { sharedSettings } from "./shared_settings.ts";

Deno.test("sharedSettings: a key's path is absolute, since ssh is started anywhere", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const home = (name: string) => name === "HOME" ? "/home/ada" : undefined;
  const ctx = { cwd: "/home/ada/here", platform: createPlatform("linux", home) } as CommandContext;
  const host = () => Promise.reject(new Error("nobody signs in"));
  const paths = {
    "~/.ssh/id": "/home/ada/.ssh/id",
    "keys/id": "/home/ada/here/keys/id",
    "/k/id": "/k/id",
  };
  for (const [key, path] of Object.entries(paths)) {
    const { settings } = await sharedSettings({ "ssh-key": key }, {}, host, ctx);
    assert.ok(settings.includes(`IdentityFile="${path}"`), settings.join());
  }
});
