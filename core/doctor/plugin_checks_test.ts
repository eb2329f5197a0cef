import assert from "node:assert/strict";
import { bastionError } from "../errors.ts";
import type { PluginContext } from "../plugin/plugin.ts";
import { createManualClock } from "../testing/manual_clock.ts";
import type { Check, CheckFinding, CheckSubject } from "./check.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import { createPlan } from "./plan.ts";
import { addPluginChecks } from "./plugin_checks.ts";

async function run(check: Check["run"], log: string[] = []) {
  const clock = createManualClock();
  const plan = createPlan({ clock, timeout: 1_000, signal: new AbortController().signal });
  const before = plan.add({
    name: "core",
    title: "Core",
    async run() {
      await Promise.resolve();
      log.push("core");
      throw bastionError("subscription-none", {});
    },
  });
  const context = (plugin: string) => ({ cwd: `/${plugin}` }) as unknown as PluginContext;
  const checks = [{ plugin: "jump", value: { name: "licence", title: "Licence", run: check } }];
  addPluginChecks(plan, { checks, context } as unknown as DoctorDoors, undefined, [before]);
  const [, result] = await plan.results();
  assert.equal(result?.name, "jump/licence");
  return result;
}

Deno.test("a plugin's check runs behind the core's, whatever those found, with its own context", async () => {
  const log: string[] = [];
  const result = await run((subject: CheckSubject, ctx) => {
    log.push(ctx.cwd);
    assert.equal(subject.target, undefined);
    return Promise.resolve({ status: "ok", found: "valid" });
  }, log);
  assert.deepEqual(log, ["core", "/jump"]);
  assert.equal(result.found, "valid");
});

const answers: readonly [what: string, answer: unknown, expected: Record<string, unknown>][] = [
  ["a warning", { status: "warn", found: "ends soon", remedy: "renew" }, {
    status: "warn",
    found: "ends soon",
    remedy: "renew",
  }],
  ["a failure", { status: "fail", found: "none", remedy: "buy one" }, {
    status: "fail",
    found: "none",
    remedy: "buy one",
    code: "plugin-check",
    exit: "plugin",
  }],
  ["nothing to see", { status: "skipped", found: "no licence needed" }, {
    status: "skipped",
    found: "no licence needed",
  }],
  ["no finding", { status: "great" }, { status: "fail", code: "plugin-failed" }],
  ["nothing", undefined, { status: "fail", code: "plugin-failed" }],
];

for (const [what, answer, expected] of answers) {
  Deno.test(`a plugin's check finds ${what}`, async () => {
    const result = await run(() => Promise.resolve(answer as CheckFinding));
    for (const [key, value] of Object.entries(expected)) {
      assert.equal(Reflect.get(result, key), value, key);
    }
  });
}

Deno.test("what a plugin's check throws is its failure, with the plugin named", async () => {
  const plain = await run(() => Promise.reject(new Error("oops")));
  assert.equal(plain.code, "plugin-failed");
  assert.match(plain.found, /Plugin jump failed in the check licence: oops/);
  const own = await run(() => Promise.reject(bastionError("subscription-none", {})));
  assert.equal(own.code, "subscription-none");
});
