import assert from "node:assert/strict";
import { BastionError } from "../../../core/errors.ts";
import { type ProxyChoice, proxyFromEnvironment } from "../../../core/net/proxy.ts";
import { declaredCode, type FuzzTarget } from "../target.ts";

function readEnvironment(proxy: string, exempt: string): ProxyChoice {
  const env: Record<string, string> = { HTTPS_PROXY: proxy, NO_PROXY: exempt };
  return proxyFromEnvironment((name) => env[name]);
}

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
    try {
      // The rules go with an address of their own: a password whose proxy no host reaches could not
      // be disposed of.
      const exempted = readEnvironment("http://proxy", exempt)(host, 443) === undefined;
      if (exempt.split(/[\s,]+/).includes("*")) assert.ok(exempted, "* is everything");
      const choice = readEnvironment(proxy, "")(host, 443);
      const rule = exempted ? ", exempt" : "";
      if (!choice) return `none${rule}`;
      choice.password?.[Symbol.dispose]();
      assert.ok(choice.host !== "" && Number.isInteger(choice.port));
      assert.ok(choice.port >= 0 && choice.port <= 65_535);
      assert.ok(!choice.label.includes("@"), "the label has no credentials");
      return `proxy${choice.username === undefined ? "" : ", name"}${
        choice.password ? ", password" : ""
      }${rule}`;
    } catch (error) {
      const code = declaredCode(error, "proxy-invalid");
      // One that stands in the scheme as well is shown as a part of that.
      if (error instanceof BastionError && password && proxy.split(password).length === 2) {
        assert.ok(!`${error.message} ${error.hint}`.includes(password), "a password is shown");
      }
      return `${code}: ${/not supported/.test(String(error)) ? "scheme" : "no URL"}`;
    }
  },
};
