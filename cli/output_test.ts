import assert from "node:assert/strict";
import { errors } from "../core/error_catalogue.ts";
import { bastionError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";
import { createOutput } from "./output.ts";
import { createStyle } from "./style.ts";

const date = () => new Date(Date.UTC(2030, 0, 1));
const time = "2030-01-01T00:00:00.000Z";

function start(given: { json?: boolean; quiet?: boolean; verbose?: boolean; debug?: boolean }) {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") => ({
    isTerminal: false,
    write: (text: string) => void (written[name] += text),
  });
  const output = createOutput({
    json: false,
    quiet: false,
    verbose: false,
    debug: false,
    ...given,
    style: createStyle(false),
    date,
    stdout: stream("stdout"),
    stderr: stream("stderr"),
  });
  return { output, written };
}

const refused = () => bastionError("connect-refused", { host: "h", via: "" }, new Error("os 111"));

Deno.test("people get lines, notices and failures", () => {
  const { output, written } = start({});
  output.line("ready");
  output.event("ready", { port: 1 });
  output.result({ a: 1 });
  output.notice("by the way");
  output.failure(refused(), "connection 3 failed");
  assert.equal(written.stdout, "ready\n");
  assert.equal(
    written.stderr,
    "by the way\nbastion: connection 3 failed: h refused the connection.\n" +
      `  ${errors["connect-refused"].hint}\n`,
  );
});

Deno.test("programs get events and documents, and nothing else", () => {
  const { output, written } = start({ json: true });
  output.line("ready");
  output.notice("by the way");
  output.failure(refused());
  output.event("ready", { port: 1 });
  output.result({ a: 1 });
  output.fatal(refused(), 8);
  const [ready, ...rest] = written.stdout.split("\n");
  assert.deepEqual(JSON.parse(ready ?? ""), { event: "ready", time, port: 1 });
  assert.deepEqual(JSON.parse(rest.slice(0, 3).join("")), { a: 1 });
  assert.deepEqual(JSON.parse(rest[3] ?? ""), {
    event: "error",
    time,
    code: "connect-refused",
    message: "h refused the connection.",
    hint: errors["connect-refused"].hint,
    exitCode: 8,
  });
  assert.equal(written.stderr, "");
});

Deno.test("--quiet leaves out notices, but no failure", () => {
  const { output, written } = start({ quiet: true });
  output.notice("by the way");
  output.failure(refused());
  output.line("ready");
  assert.equal(written.stdout, "ready\n");
  assert.match(written.stderr, /^bastion: h refused/);
});

Deno.test("what the user must do is said whatever else is not", () => {
  for (const options of [{}, { quiet: true }, { json: true }]) {
    const { output, written } = start(options);
    output.instruct("open\u001b https://x");
    assert.equal(written.stdout, "");
    assert.equal(written.stderr, "open\\u001b https://x\n");
  }
});

Deno.test("stdout, once yielded, is written no more", () => {
  for (const json of [false, true]) {
    const { output, written } = start({ json });
    output.yieldStdout();
    output.line("ready");
    output.event("ready");
    output.result({});
    output.fatal(refused(), 8);
    assert.equal(written.stdout, "");
    assert.match(written.stderr, /ready/);
  }
});

Deno.test("control characters are escaped, and the lines are kept", () => {
  const text = start({});
  text.output.line("a\x1b[2J\nb\rc\u202ed");
  assert.equal(text.written.stdout, "a\\u001b[2J\nb c\\u202ed\n");
  const json = start({ json: true });
  json.output.event("x", { text: "a\x1b\x9b\u202e\nb" });
  assert.ok(!/[^\x20-\x7e\n]/.test(json.written.stdout), json.written.stdout);
  assert.equal(JSON.parse(json.written.stdout).text, "a\x1b\x9b\u202e\nb");
});

Deno.test("no secret gets out, in whatever spelling", () => {
  const value = 'planted "secret"/ö';
  using secret = new Secret(value);
  for (const json of [false, true]) {
    const { output, written } = start({ json, debug: true, verbose: true });
    const spelt = `${value} ${encodeURIComponent(value)} ${JSON.stringify(value)}`;
    output.line(spelt);
    output.notice(spelt);
    output.event("x", { spelt, secret, nested: [{ spelt }], error: new Error(spelt) });
    output.result({ spelt, secret });
    output.failure(new Error(spelt, { cause: new Error(spelt) }));
    output.fatal(new Error(spelt), 1);
    const all = written.stdout + written.stderr;
    assert.ok(all.includes("[redacted]"));
    for (const part of ["planted", encodeURIComponent(value), "secret%22"]) {
      assert.ok(!all.includes(part), `${part} in ${all}`);
    }
  }
});

Deno.test("redaction leaves JSON whole", () => {
  const { output, written } = start({ json: true });
  output.event("ready", { endpoint: "https://127.0.0.1:443", mail: "a@b.example" });
  assert.deepEqual(JSON.parse(written.stdout), {
    event: "ready",
    time,
    endpoint: "https://127.0.0.1:443",
    mail: "a@b.example",
  });
});
