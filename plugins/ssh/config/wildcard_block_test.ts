import assert from "node:assert/strict";
import { createPlatform } from "../../../core/platform.ts";
import type { CommandContext } from "../../../core/mod.ts";
import { wildcardBlock } from "./wildcard_block.ts";

const PROGRAM = {
  linux: "/opt/my tools/100%/bastion",
  darwin: "/usr/local/bin/bastion",
  windows: "C:\\Program Files\\bastion\\bastion.exe",
} as const;

async function settingsOn(
  os: keyof typeof PROGRAM,
  options: Record<string, string>,
): Promise<Map<string, string>> {
  const directory = await Deno.makeTempDir();
  const ctx = {
    platform: {
      ...createPlatform(os, () => undefined),
      stateDirectory: directory,
    },
    log: { warning: () => {} },
    selfCommand: (words: readonly string[]) => [PROGRAM[os], ...words],
  } as unknown as CommandContext;
  try {
    const given = { profile: "work", bastion: "net/hub" };
    const { settings } = await wildcardBlock({ settings: [] }, options, given, ctx);
    return new Map(settings.map((setting) => {
      const at = setting.indexOf("=");
      return [setting.slice(0, at), setting.slice(at + 1)];
    }));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("wildcardBlock: one line for a shell, and one that ssh parts itself, on every platform", async () => {
  const words = " --profile=work --quiet --bastion=net/hub";
  const tokens = "--no-input --resource-port=%p";
  const keys = "%h %H %I %t %K";
  const expected = {
    linux: ["'/opt/my tools/100%%/bastion'", "'%h'", "'/opt/my tools/100%%/bastion'"],
    darwin: ["/usr/local/bin/bastion", "'%h'", "/usr/local/bin/bastion"],
    windows: [
      '"C:\\Program Files\\bastion\\bastion.exe"',
      '"%h"',
      '"C:/Program Files/bastion/bastion.exe"',
    ],
  } as const;
  for (const os of ["linux", "darwin", "windows"] as const) {
    const settings = await settingsOn(os, {});
    const [program, host, known] = expected[os];
    assert.equal(settings.get("ProxyCommand"), `${program} proxy${words} ${tokens} ${host}`);
    assert.equal(
      settings.get("KnownHostsCommand"),
      `${known} ssh-known-hosts${words} --host-key-check=accept-new ${tokens} ${keys}`,
    );
    assert.equal(settings.get("UserKnownHostsFile"), os === "windows" ? "NUL" : "/dev/null");
    assert.equal(settings.get("StrictHostKeyChecking"), "yes");
  }
});

Deno.test("wildcardBlock: strict and a file go along; off asks nobody", async () => {
  const strict = await settingsOn("linux", { "host-key-check": "strict", "known-hosts": "/k" });
  assert.match(strict.get("KnownHostsCommand") ?? "", /--host-key-check=strict --known-hosts=\/k /);
  const off = await settingsOn("linux", { "host-key-check": "off" });
  assert.equal(off.get("KnownHostsCommand"), undefined);
  assert.equal(off.get("StrictHostKeyChecking"), "no");
});
