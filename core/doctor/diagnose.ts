/** `bastion doctor`: looks at everything on the way, from this computer to the target's port. */

import { bastionError } from "../errors.ts";
import type { TargetRequest } from "../target/target.ts";
import type { Diagnosis, DiagnosisRequest, ProgramFacts } from "./check.ts";
import { openBundle } from "./bundle.ts";
import { addCredentialChecks } from "./credential_checks.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import { addClockCheck, addServiceChecks } from "./network_checks.ts";
import { type Checked, createPlan, type Plan } from "./plan.ts";
import { addPluginChecks } from "./plugin_checks.ts";
import { addProgramChecks } from "./program_checks.ts";
import { addRoleChecks, type Way } from "./role_checks.ts";
import { addSessionChecks } from "./session_checks.ts";
import { addHostCheck, addTargetChecks, namedIds } from "./target_checks.ts";

const TIMEOUT = 15_000;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Every check runs, whatever the others find; only what cannot be looked at without another's
 * success is skipped.
 * @throws BastionError `usage` for a target that cannot be meant, `file-failed`; the signal's reason
 */
export async function diagnose(request: DiagnosisRequest, doors: DoctorDoors): Promise<Diagnosis> {
  const { clock, platform } = doors;
  const { timeout = TIMEOUT, configuration, bundle: path } = request;
  const signal = request.signal ?? new AbortController().signal;
  if (!(timeout > 0)) {
    throw bastionError("usage", {
      problem: "In no time nothing can be checked.",
      remedy: "Give --timeout some seconds, such as 15s.",
    });
  }
  const { version } = doors;
  const program: ProgramFacts = {
    ...(version === undefined ? {} : { version }),
    os: platform.os,
    arch: Deno.build.arch,
    deno: Deno.version.deno,
  };
  await using ends = new AsyncDisposableStack();
  const bundle = path === undefined ? undefined : ends.use(await openBundle(path, platform));
  const plan = createPlan({ clock, timeout, signal });
  addChecks(plan, doors, program, request, timeout, ends);
  const checks = await plan.results(request.onResult);
  const log = doors.recent.records();
  await bundle?.write({ program, checks, configuration, log, time: clock.date() });
  return { program, checks };
}

function addChecks(
  plan: Plan,
  doors: DoctorDoors,
  facts: ProgramFacts,
  { target: request, configuration }: DiagnosisRequest,
  timeout: number,
  ends: AsyncDisposableStack,
): void {
  const all: Checked<unknown>[] = [];
  const recording: Plan = {
    ...plan,
    add(check) {
      const added = plan.add(check);
      all.push(added);
      return added;
    },
  };
  const given = request?.subscription;
  const subscription = given ?? doors.platform.env("AZURE_SUBSCRIPTION_ID");
  const guid = subscription !== undefined && GUID.test(subscription) ? subscription : undefined;
  const named = request ? namedIds(request, guid) : {};

  const program = addProgramChecks(recording, doors, facts, configuration);
  const { cloud } = program;
  const service = (name: string, title: string, url: () => string) =>
    addServiceChecks(recording, doors, program, timeout, {
      name,
      title,
      needs: [cloud],
      endpoint: () => new URL(url()).host,
    });
  const entra = service("entra", "Microsoft Entra", () => cloud.value().authority);
  const arm = service("arm", "Resource Manager", () => cloud.value().resourceManager);
  addClockCheck(recording, doors, cloud, [entra, arm], timeout);
  const credential = addCredentialChecks(recording, doors, program, arm, {
    subscription: given,
    named: [named.host, named.machine].flatMap((id) => id ? [id.subscription] : []),
  });
  const dataPlane = (needs: readonly Checked<unknown>[], endpoint: () => string) =>
    addServiceChecks(recording, doors, program, timeout, {
      ...{ name: "host", title: "Bastion host" },
      needs,
      endpoint,
    });
  const roles = (way: Way) => addRoleChecks(recording, doors, program, credential, way, arm, named);
  let target;
  if (request && namesTarget(request)) {
    const targets = addTargetChecks(recording, doors, request, [arm, credential.token]);
    target = targets.target;
    const { target: found } = targets;
    const reached = dataPlane([found], () => found.value().bastionHost.endpoint);
    roles({ found, target: found, host: () => found.peek()?.bastionHost });
    addSessionChecks(recording, doors, program, credential, targets, reached, { timeout, ends });
  } else if (request?.bastionHost !== undefined) {
    const { found, host } = addHostCheck(recording, doors, request, [arm, credential.token]);
    dataPlane([found], () => found.value().endpoint);
    roles({ found, host });
  }
  addPluginChecks(recording, doors, target, all.slice());
}

function namesTarget({ word, resourceId, ipAddress }: TargetRequest): boolean {
  return (word ?? resourceId ?? ipAddress) !== undefined;
}
