import assert from "node:assert/strict";
import { readForwardSpec } from "./forward_spec.ts";

const ctx = {
  error: (code: string, params: Readonly<Record<string, string | number>> = {}) =>
    new Error(`${code} ${params["spec"]}`),
};

Deno.test("readForwardSpec: what OpenSSH takes", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["5432:db.internal:5433", { port: 5432, host: "db.internal", hostPort: 5433 }],
    ["localhost:80:h:81", { port: 80, host: "h", hostPort: 81 }],
    ["127.0.0.2:80:h:81", { bind: "127.0.0.2", port: 80, host: "h", hostPort: 81 }],
    ["[::1]:80:[fe80::1]:81", { bind: "::1", port: 80, host: "fe80::1", hostPort: 81 }],
    ["80:[::1]:81", { port: 80, host: "::1", hostPort: 81 }],
    ["*:80:h:81", { bind: "0.0.0.0", port: 80, host: "h", hostPort: 81 }],
    [":80:h:81", { bind: "0.0.0.0", port: 80, host: "h", hostPort: 81 }],
  ];
  for (const [spec, expected] of cases) {
    assert.deepEqual(readForwardSpec(spec, ctx), expected, spec);
  }
});

Deno.test("readForwardSpec: what it does not", () => {
  for (
    const spec of [
      ...["", "80", "80:h", "80:h:", "h:80", "0:h:80", "80:h:0", "65536:h:80", "80:h:65536"],
      ...[
        "a:b:c:d",
        "1:2:3:4:5",
        "80:::1:80",
        "[::1:80:h:81",
        "/tmp/s:h:80",
        "80:/tmp/s",
        "-1:h:80",
      ],
      ...["80:h:80:x", " 80:h:80"],
    ]
  ) {
    assert.throws(() => readForwardSpec(spec, ctx), { message: `ssh/forward-odd ${spec}` }, spec);
  }
});
