import assert from "node:assert/strict";
import { BastionError } from "../../../core/errors.ts";
import { proxyFromEnvironment } from "../../../core/net/proxy.ts";
import { declaredCode, type FuzzTarget } from "../target.ts";

/** Lines: HTTPS_PROXY, NO_PROXY, a host. */
export const proxyRulesTarget: FuzzTarget = {
  name: "proxy-rules",
  maxLength: 512,
  tokens: [
    "http://",
    "https://",
    "@",
    ":",
    "%40",
    "%zz",
    "%ff",
    "[::1]",
    "10.0.0.0/8",
    "/33",
    "*.",
    ",",
    "\n",
    ":0",
    ":65536",
  ],
  seeds: [
    "http://proxy:3128\nlocalhost,.example\nhub.example",
    "http://user:p%40ss-word@proxy\n10.0.0.0/8 *.local\n10.1.2.3",
    "proxy:8080\n*\nx",
    "https://proxy\n\nx",
    "http://[::1]:80\n[::1]:443,::1\n::1",
    "http://u:secret-1@[bad\n\nx",
  ],
  run(input) {
    const [proxy = "", exempt = "", host = ""] = new TextDecoder().decode(input).split("\n");
    const password = /^[^/]*\/\/[^:@/]*:([^@/]{6,})@/.exec(proxy)?.[1];
    const env: Record<string, string> = { HTTPS_PROXY: proxy, NO_PROXY: exempt };
    try {
      const choose = proxyFromEnvironment((name) => env[name]);
      // Asked for the name that nobody exempts, it shows what was read of HTTPS_PROXY.
      const choice = choose(host, 443);
      const again = choose(host.toUpperCase().toLowerCase(), 443);
      choice?.password?.[Symbol.dispose]();
      assert.equal(again === undefined, choose(host.toLowerCase(), 443) === undefined);
      if (!choice) return proxy ? "exempt" : "none";
      assert.ok(choice.host !== "" && Number.isInteger(choice.port));
      assert.ok(choice.port >= 0 && choice.port <= 65_535);
      assert.ok(!choice.label.includes("@"), "the label has no credentials");
      return `proxy${choice.username === undefined ? "" : ", name"}${
        choice.password ? ", password" : ""
      }`;
    } catch (error) {
      const code = declaredCode(error, "proxy-invalid");
      if (error instanceof BastionError && password) {
        assert.ok(!`${error.message} ${error.hint}`.includes(password), "a password is shown");
      }
      return `${code}: ${String(error).replace(/[a-z0-9+.-]+:\/\//gi, "")}`.slice(0, 90);
    }
  },
};
