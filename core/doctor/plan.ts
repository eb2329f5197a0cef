/**
 * Runs checks that build on each other: each as soon as those that it needs are done, none where one
 * of them has failed. Results come in the order in which the checks were added.
 */

import type { Clock } from "../clock.ts";
import { bastionError, describeError } from "../errors.ts";
import { printable } from "../secret.ts";
import type { CheckResult } from "./check.ts";

/** What a check has found; a failure is what it throws. */
export type Finding<Value> =
  | {
    /** `ok` where it is left out. */
    readonly status?: "ok" | "warn";
    readonly found: string;
    readonly remedy?: string;
    readonly value: Value;
  }
  /** There is nothing to look at; why, in a sentence, and because of which checks, if of any. */
  | { readonly skipped: string; readonly because?: readonly string[] };

export interface PlannedCheck<Value> {
  readonly name: string;
  readonly title: string;
  /** Without the values of these it cannot run. */
  readonly needs?: readonly Checked<unknown>[];
  /** It waits for these, however they end. */
  readonly after?: readonly Checked<unknown>[];
  run(signal: AbortSignal): Promise<Finding<Value>> | Finding<Value>;
}

/** A check of the plan. */
export interface Checked<Value> {
  readonly name: string;
  readonly title: string;
  readonly result: Promise<CheckResult>;
  /** What it has found for others; undefined where it has failed, was skipped, or still runs. */
  peek(): Value | undefined;
  /** For checks that need it. @throws TypeError where there is none */
  value(): Value;
}

export interface Plan {
  add<Value>(check: PlannedCheck<Value>): Checked<Value>;
  /** Every result. @throws the signal's reason, when all checks have ended */
  results(onResult?: (result: CheckResult) => void): Promise<readonly CheckResult[]>;
}

export interface PlanOptions {
  readonly clock: Clock;
  /** Milliseconds for each check. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

type Outcome = Pick<CheckResult, "status" | "found" | "remedy" | "code" | "exit" | "because">;

export function createPlan({ clock, timeout, signal: given }: PlanOptions): Plan {
  const all: Checked<unknown>[] = [];
  const stopping = new AbortController();
  const signal = AbortSignal.any([given, stopping.signal]);

  function add<Value>(check: PlannedCheck<Value>): Checked<Value> {
    const { name, title, needs = [], after = [] } = check;
    let kept: { readonly value: Value } | undefined;

    async function outcome(before: readonly CheckResult[]): Promise<Outcome> {
      const missing = before.filter(({ status }) => status === "fail" || status === "skipped");
      if (missing.length > 0) return skippedBecauseOf(missing);
      try {
        const finding = await limited((limit) => check.run(limit));
        if ("skipped" in finding) {
          const { skipped, because = [] } = finding;
          return { status: "skipped", found: skipped, ...(because.length > 0 ? { because } : {}) };
        }
        const { status = "ok", found, remedy, value } = finding;
        kept = { value };
        return { status, found, ...(remedy === undefined ? {} : { remedy }) };
      } catch (error) {
        const { code, message, hint, exit } = describeError(error);
        return { status: "fail", found: message, remedy: hint, code, exit };
      }
    }

    async function result(): Promise<CheckResult> {
      // In a turn of its own: the whole plan is made before anything runs.
      const before = await Promise.all(needs.map((one) => one.result));
      await Promise.all(after.map((one) => one.result));
      const startedAt = clock.now();
      const { found, remedy, ...others } = await outcome(before);
      return {
        name,
        title,
        ...others,
        found: printable(found, 2_000),
        ...(remedy === undefined || remedy === "" ? {} : { remedy: printable(remedy, 2_000) }),
        ms: others.status === "skipped" ? 0 : Math.round(clock.now() - startedAt),
      };
    }

    const checked: Checked<Value> = {
      name,
      title,
      result: result(),
      peek: () => kept?.value,
      value() {
        if (!kept) throw new TypeError(`the check ${name} has no value`);
        return kept.value;
      },
    };
    all.push(checked);
    return checked;
  }

  /** What `work` gives, within the time of one check; it may go on in vain after that. */
  async function limited<Result>(
    work: (signal: AbortSignal) => Promise<Result> | Result,
  ): Promise<Result> {
    signal.throwIfAborted();
    const limit = new AbortController();
    const { promise: over, reject } = Promise.withResolvers<never>();
    const late = bastionError("check-timeout", { seconds: Math.round(timeout / 100) / 10 });
    const end = (reason: unknown) => {
      reject(reason);
      limit.abort(reason);
    };
    const cancel = clock.after(timeout, () => end(late));
    const onAbort = () => end(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const working = (async () => await work(limit.signal))();
      return await Promise.race([working, over]);
    } finally {
      cancel();
      signal.removeEventListener("abort", onAbort);
    }
  }

  return {
    add,
    async results(onResult = () => {}) {
      const results: CheckResult[] = [];
      try {
        for (const { result } of all) {
          const one = await result;
          // What ends now ends because the program does.
          signal.throwIfAborted();
          results.push(one);
          onResult(one);
        }
        return results;
      } finally {
        // No check outlives the plan: what it has opened is closed next.
        stopping.abort();
        await Promise.all(all.map(({ result }) => result));
      }
    },
  };
}

function skippedBecauseOf(missing: readonly CheckResult[]): Outcome {
  // What was skipped itself has a cause further up, which is the one worth naming.
  const causes = missing.flatMap(({ name, because }) => because ?? [name]);
  const names = [...new Set(causes)];
  return {
    status: "skipped",
    found: `cannot be checked without: ${names.join(", ")}`,
    because: names,
  };
}
