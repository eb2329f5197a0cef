import assert from "node:assert/strict";
import { createEnvironment, printEnvironment } from "./environment.ts";

const source = {
  endpoint: "https://127.0.0.1:1",
  caFile: "/d/ca.pem",
  cloudFile: "/d/cloud.json",
  controlKey: "key",
  principal: { tenant: "t", clientId: "c", clientSecret: "s" },
  subscription: "sub",
};

Deno.test("what NO_PROXY had is kept", () => {
  const env = createEnvironment(source, (name) => name === "NO_PROXY" ? ".corp" : undefined);
  assert.equal(env["NO_PROXY"], ".corp,127.0.0.1,localhost");
  assert.equal(env["no_proxy"], env["NO_PROXY"]);
  assert.equal(createEnvironment(source, () => undefined)["NO_PROXY"], "127.0.0.1,localhost");
});

Deno.test("a shell reads back what was printed, whatever is in it", async () => {
  const value = `a'b"c $HOME \`id\` \\ ‘x’`;
  const text = printEnvironment("sh", { EVIL: value }, "/d/it's bin");
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `${text}\nprintf '%s|%s' "$EVIL" "\${PATH%%:*}"`],
  }).output();
  assert.equal(new TextDecoder().decode(stdout), `${value}|/d/it's bin`);
});

Deno.test("PowerShell's quotes are doubled, the typographic ones too", () => {
  assert.equal(
    printEnvironment("pwsh", { A: "it's ‘so’" }, "C:\\bin").split("\n")[0],
    "$env:A = 'it''s ‘‘so’’'",
  );
});
