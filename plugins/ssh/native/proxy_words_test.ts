import assert from "node:assert/strict";
import type { Target } from "../../../core/mod.ts";
import { fakeTarget } from "../../../tests/helpers/fake_target.ts";
import { proxyWords } from "./proxy_words.ts";

const target: Target = { ...fakeTarget({ id: "/hub" }), resourceId: "/vm", port: 2222 };

Deno.test("proxyWords: the target that was found, and what the user has set for us", () => {
  assert.deepEqual(proxyWords(target, {}), [
    "proxy",
    "--quiet",
    "--bastion=/hub",
    "--target-resource-id=/vm",
    "--resource-port=2222",
    "--no-check",
    "--half-close-grace=0",
    "--no-input",
  ]);
  const words = proxyWords({ ...target, hostname: "10.0.0.4" }, {
    "cloud": "c",
    "ca-file": "-x",
    "no-cache": true,
    "debug": true,
    "ssh-key": "k",
    "subscription": "s",
  });
  assert.deepEqual(words.slice(1, -3), [
    "--cloud=c",
    "--ca-file=-x",
    "--no-cache",
    "--debug",
    "--bastion=/hub",
    "--target-ip-address=10.0.0.4",
    "--resource-port=2222",
  ]);
});
