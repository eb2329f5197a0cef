import assert from "node:assert/strict";
import { launcherForCmd, launcherForSh, writeLauncher } from "./launcher.ts";

Deno.test("the launcher hands over its arguments, and drops the emulator's own INIT_CWD", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const command = ["sh", "-c", `printf '%s|' "$0" "$@" "\${INIT_CWD-none}"`, "it's me"];
    await writeLauncher(`${directory}/bin`, command, "linux");
    const { stdout } = await new Deno.Command(`${directory}/bin/bastion`, {
      args: ["--port", "a b", "$HOME", "--", "*"],
      env: { INIT_CWD: "/elsewhere" },
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "it's me|--port|a b|$HOME|--|*|none|");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("both launchers quote every word", () => {
  assert.match(launcherForSh(["a b", "c'd"]), /^exec 'a b' 'c'\\''d' "\$@"$/m);
  assert.match(
    launcherForCmd(["C:\\a b\\deno.exe", "100%"]),
    /^"C:\\a b\\deno\.exe" "100%%" %\*\r$/m,
  );
});
