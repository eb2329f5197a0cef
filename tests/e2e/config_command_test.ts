/** `bastion config`, and what a config file does to the program. */

import assert from "node:assert/strict";
import { startBastion } from "../helpers/bastion_process.ts";
import { tempDir } from "../helpers/temp_dir.ts";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program with a config file of these lines in its usual place. */
async function bastion(
  args: readonly string[],
  lines: readonly string[] | undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  await using directory = await tempDir();
  await Deno.mkdir(directory.file("bastion"));
  const file = directory.file("bastion", "config.yaml");
  if (lines) await Deno.writeTextFile(file, `${lines.join("\n")}\n`);
  await using process = await startBastion(args, {
    env: { XDG_CONFIG_HOME: directory.path, ...env },
  });
  const { code } = await process.exit(60_000);
  const shown = (text: string) => text.replaceAll(file, "FILE");
  return { code, stdout: shown(process.stdout()), stderr: shown(process.stderr()) };
}

const onlyLinux = { ignore: Deno.build.os !== "linux" };
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, fn, ...onlyLinux });

test("config path prints where the file is, whether there is one or not", async () => {
  const none = await bastion(["config", "path"], undefined);
  assert.deepEqual([none.code, none.stdout], [0, "FILE\n"]);
  assert.match(none.stderr, /There is no such file yet/);
  const broken = await bastion(["config", "path", "--json"], ["{"]);
  assert.deepEqual(JSON.parse(broken.stdout), { file: "FILE", exists: true });
});

test("config check names every line that is wrong, with exit code 3", async () => {
  const lines = ["cloud: x", "quite: true", "defaults:", "  tunnel:", "    port: many"];
  const { code, stdout } = await bastion(["config", "check"], lines);
  assert.equal(code, 3);
  assert.equal(
    stdout,
    "FILE:2:1: the file has no key quite. Did you mean quiet?\n" +
      'FILE:5:11: defaults → tunnel → port must be a whole number from 0 to 65535, not "many". ' +
      "It takes PORT: Local port; 0 lets the system choose.\n",
  );
  const json = await bastion(["config", "check", "--json"], lines);
  const document = JSON.parse(json.stdout);
  assert.deepEqual([document.valid, document.problems.length], [false, 2]);
  const unreadable = await bastion(["config", "check"], ["a: [}"]);
  assert.equal(unreadable.code, 3);
  assert.match(unreadable.stderr, /FILE:1:\d+: it is not YAML/);
  assert.deepEqual((await bastion(["config", "check"], ["cloud: x"])).stdout, "FILE is right.\n");
  assert.equal((await bastion(["config", "check"], undefined)).code, 0);
});

test("a cloud of the file that cannot be used does not keep from mending it", async () => {
  const cloud = (name: string, authority: string) =>
    `  ${name}: {resourceManager: "https://a.test", authority: "${authority}", audience: "https://a.test"}`;
  const lines = ["clouds:", cloud("good", "https://b.test"), cloud("bad", "http://b.test")];
  assert.equal((await bastion(["config", "path"], lines)).stdout, "FILE\n");
  const check = await bastion(["config", "check"], lines);
  assert.equal(check.code, 3);
  assert.equal(
    check.stdout,
    "FILE:3:1: clouds → bad: authority is not an https:// address. " +
      "See: docs/guides/configuration.md.\n",
  );
  const show = await bastion(["config", "show"], lines);
  assert.equal(show.code, 3);
  assert.match(show.stderr, /FILE:3:1: clouds → bad: authority/);
});

test("config show tells where each value comes from", async () => {
  const { code, stdout } = await bastion(
    ["config", "show", "--json", "--no-cache"],
    [
      "profile: work",
      "cloud: Lab",
      "defaults: {tunnel: {timeout: 15m}}",
      "profiles: {work: {bastion: net/hub}}",
    ],
    { BASTION_CREDENTIAL: "environment" },
  );
  assert.equal(code, 0);
  const { file, exists, profile, settings } = JSON.parse(stdout);
  assert.deepEqual([file, exists, profile], ["FILE", true, "work"]);
  const found = (name: string) =>
    settings.find(({ path }: { path: string[] }) => path.join(" ") === name);
  assert.deepEqual(found("cloud").source, { kind: "file", line: 2, file: "FILE" });
  assert.deepEqual(found("bastion").source, {
    kind: "profile",
    profile: "work",
    line: 4,
    file: "FILE",
  });
  assert.equal(found("defaults tunnel timeout").value, 900_000);
  assert.deepEqual(found("credential").source, {
    kind: "variable",
    variable: "BASTION_CREDENTIAL",
  });
  assert.deepEqual(found("no-cache").source, { kind: "flag", flag: "--no-cache" });
  const tunnel = await bastion(["config", "show", "tunnel"], undefined);
  assert.match(tunnel.stdout, /^tunnel --ping-interval +30s +default$/m);
  const unknown = await bastion(["config", "show", "tunnle"], undefined);
  assert.equal(unknown.code, 2);
});

test("every command but those that mend the file refuses a wrong one", async () => {
  const { code, stderr } = await bastion(["tunnel", "web1"], ["tunnel: {}"]);
  assert.equal(code, 3);
  assert.match(stderr, /^bastion: FILE:1:1: the file has no key tunnel\.\n/);
  assert.equal((await bastion(["tunnel", "--help"], ["{"])).code, 0);
  assert.equal((await bastion(["--version"], ["{"])).code, 0);
  const missing = await bastion(["tunnel", "web1", "--config", "nowhere.yaml"], undefined);
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /nowhere\.yaml cannot be read/);
});

test("a setting of the file counts before the command is known", async () => {
  const { stdout } = await bastion(["nonsense"], ["json: true"]);
  assert.equal(JSON.parse(stdout).exitCode, 2);
});

test("nobody can be asked: a missing target names the flags", async () => {
  const { code, stderr } = await bastion(["tunnel", "--no-input"], undefined);
  assert.equal(code, 2);
  assert.match(stderr, /--target-resource-id/);
});
