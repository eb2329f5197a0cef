import assert from "node:assert/strict";
import { errors } from "../core/error_catalogue.ts";
import { bastionError } from "../core/errors.ts";
import { errorFields, renderError } from "./render_error.ts";
import { createStyle } from "./style.ts";

const plain = { verbose: false, debug: false, style: createStyle(false) };

function chain(): Error {
  const inner = new Error("os error\x1b 111");
  return bastionError(
    "connect-refused",
    { host: "h", via: "" },
    new Error("dial", { cause: inner }),
  );
}

Deno.test("people are told what is wrong and what to do", () => {
  assert.equal(
    renderError(chain(), plain),
    `bastion: h refused the connection.\n  ${errors["connect-refused"].hint}\n`,
  );
});

Deno.test("--verbose shows the causes, --debug the stacks", () => {
  const verbose = renderError(chain(), { ...plain, verbose: true });
  assert.match(verbose, /\n {2}caused by: dial\n {2}caused by: os error\\u001b 111\n$/);
  const debug = renderError(chain(), { ...plain, debug: true });
  assert.deepEqual(
    debug.match(/^ {2}\w*Error: .*$/gm),
    ["  BastionError: h refused the connection.", "  Error: dial", "  Error: os error\\u001b 111"],
  );
  assert.ok(debug.includes("render_error_test.ts:"));
});

Deno.test("causes that go in circles come to an end", () => {
  const first = new Error("first");
  const second = new Error("second", { cause: first });
  first.cause = second;
  const text = renderError(first, { ...plain, verbose: true });
  assert.equal(text.match(/caused by/g)?.length, 1);
});

Deno.test("what nobody foresaw is called a defect", () => {
  for (const thrown of [new TypeError("x is not a function"), "SIGINT", undefined, { code: 1 }]) {
    const { code, hint, exitCode } = errorFields(thrown);
    assert.equal(code, "unexpected");
    assert.equal(exitCode, 1);
    assert.match(hint, /defect.*--debug/);
  }
});

Deno.test("what events carried is shown as it was described", () => {
  const { time: _time, ...described } = { time: 1, ...errorFields(chain()), exit: "network" };
  assert.equal(renderError(described, plain), renderError(chain(), plain));
});

Deno.test("an error is marked on a terminal, and cannot mark itself", () => {
  const text = renderError(new Error("\x1b[0m"), { ...plain, style: createStyle(true) });
  assert.equal(text.split("\x1b").length, 3);
});
