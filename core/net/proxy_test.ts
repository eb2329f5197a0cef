import assert from "node:assert/strict";
import { proxyFromEnvironment } from "./proxy.ts";

const choiceOf = (variables: Record<string, string>) =>
  proxyFromEnvironment((name) => variables[name]);
const labelOf = (variables: Record<string, string>) => choiceOf(variables)("a.example", 443)?.label;

Deno.test("proxyFromEnvironment: which variable counts", () => {
  const cases: [variables: Record<string, string>, label: string | undefined][] = [
    [{}, undefined],
    [{ HTTPS_PROXY: "http://upper:1" }, "upper:1"],
    [{ https_proxy: "http://lower:1", HTTPS_PROXY: "http://upper:1" }, "lower:1"],
    [{ https_proxy: "", HTTPS_PROXY: "http://upper:1" }, "upper:1"],
    [{ HTTPS_PROXY: "" }, undefined],
    [{ HTTP_PROXY: "http://other:1" }, undefined],
    [{ HTTPS_PROXY: "http://p:1", NO_PROXY: "a.example" }, undefined],
    [{ HTTPS_PROXY: "http://p:1", no_proxy: "b.example", NO_PROXY: "a.example" }, "p:1"],
    [{ HTTPS_PROXY: "http://p:1", no_proxy: "", NO_PROXY: "a.example" }, undefined],
  ];
  for (const [variables, label] of cases) {
    assert.equal(labelOf(variables), label, JSON.stringify(variables));
  }
});

Deno.test("proxyFromEnvironment: the address, with and without credentials", () => {
  type Parts = [host: string, port: number, username?: string, password?: string];
  const cases: [url: string, expected: Parts][] = [
    ["http://p.example:8080", ["p.example", 8080]],
    ["http://p.example:8080/", ["p.example", 8080]],
    ["p.example:8080", ["p.example", 8080]],
    ["HTTP://P.example", ["p.example", 80]],
    ["http://[::1]:8080", ["::1", 8080]],
    ["http://me:secret@p:1", ["p", 1, "me", "secret"]],
    ["me:secret@p:1", ["p", 1, "me", "secret"]],
    ["http://me@p:1", ["p", 1, "me"]],
    ["http://DOM%5Cme:p%40ss%3A%C3%A4@p:1", ["p", 1, "DOM\\me", "p@ss:ä"]],
    ["http://me:100%^ä%zz@p:1", ["p", 1, "me", "100%^ä%zz"]],
    ["http://me:%FFx@p:1", ["p", 1, "me", "%FFx"]],
  ];
  for (const [url, expected] of cases) {
    const proxy = choiceOf({ HTTPS_PROXY: url })("a.example", 443);
    const parts = [proxy?.host, proxy?.port, proxy?.username, proxy?.password?.reveal()];
    assert.deepEqual(parts, Array.from({ length: 4 }, (_, i) => expected[i]), url);
    assert.ok(!proxy?.label.includes("me"), proxy?.label);
  }
});

Deno.test("proxyFromEnvironment: what cannot be used is said, without its credentials", () => {
  const cases: [url: string, problem: RegExp][] = [
    ["socks5://me:pass-word@p:1080", /socks5:\/\/ proxies are not supported/],
    ["https://me:pass-word@p:443", /https:\/\/ proxies are not supported/],
    ["http://me:pass#word@p:1", /is not a URL/],
    ["http://", /is not a URL/],
    ["http://p:99999", /is not a URL/],
  ];
  for (const [url, problem] of cases) {
    assert.throws(() => choiceOf({ https_proxy: url }), (error: Error) => {
      assert.match(error.message, problem);
      assert.match(error.message, /https_proxy/);
      assert.doesNotMatch(error.message, /pass/);
      return "code" in error && error.code === "proxy-invalid";
    });
  }
});

Deno.test("proxyFromEnvironment: NO_PROXY", () => {
  const cases: [rules: string, host: string, port: number, direct: boolean][] = [
    ["*", "a.example", 443, true],
    ["", "a.example", 443, false],
    ["a.example", "a.example", 443, true],
    ["A.Example", "a.eXample", 443, true],
    ["a.example", "b.a.example", 443, true],
    [".a.example", "b.a.example", 443, true],
    [".a.example", "a.example", 443, true],
    ["*.a.example", "b.a.example", 443, true],
    ["a.example.", "a.example", 443, true],
    ["a.example", "a.example.", 443, true],
    ["a.example", "ba.example", 443, false],
    ["a.example", "a.example.org", 443, false],
    ["b.example, a.example", "a.example", 443, true],
    ["b.example a.example", "a.example", 443, true],
    [",, ,", "a.example", 443, false],
    [".", "a.example", 443, false],
    ["a.example:443", "a.example", 443, true],
    ["a.example:8443", "a.example", 443, false],
    ["*:443", "a.example", 443, false],
    ["localhost", "localhost", 443, true],
    ["127.0.0.1", "127.0.0.1", 443, true],
    ["127.0.0.1:443", "127.0.0.1", 443, true],
    ["127.0.0.1:444", "127.0.0.1", 443, false],
    ["0.0.1", "127.0.0.1", 443, false],
    ["10.0.0.0/8", "10.200.3.4", 443, true],
    ["10.0.0.0/8", "11.0.0.1", 443, false],
    ["10.1.2.3/32", "10.1.2.3", 443, true],
    ["10.1.2.3/32", "10.1.2.4", 443, false],
    ["0.0.0.0/0", "192.168.1.1", 443, true],
    ["0.0.0.0/0", "a.example", 443, false],
    ["192.168.255.0/25", "192.168.255.127", 443, true],
    ["192.168.255.0/25", "192.168.255.128", 443, false],
    ["10.0.0.0/33", "10.0.0.1", 443, false],
    ["10.0.0.0/", "10.0.0.1", 443, false],
    ["10.0.0.0/8:443", "10.0.0.1", 443, true],
    ["::1", "::1", 443, true],
    ["[::1]", "::1", 443, true],
    ["[::1]:443", "[::1]", 443, true],
    ["[::1]:444", "::1", 443, false],
    ["fe80::1:443", "fe80::1", 443, false],
  ];
  for (const [rules, host, port, direct] of cases) {
    const proxy = choiceOf({ HTTPS_PROXY: "http://p:1", NO_PROXY: rules })(host, port);
    assert.equal(proxy === undefined, direct, `${rules} for ${host}:${port}`);
  }
});
