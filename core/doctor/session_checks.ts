/** The checks that open a real session: token exchange, WebSocket, and who answers on the port. */

import { bastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import { delayedSignal } from "../tunnel/delayed_signal.ts";
import { explainClose } from "../tunnel/explain_close.ts";
import type { CredentialChecks } from "./credential_checks.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import type { Checked, Plan } from "./plan.ts";
import type { ProgramChecks } from "./program_checks.ts";
import type { TargetChecks } from "./target_checks.ts";

/** As the official client's; only a banner is read. */
const FRAME_SIZE = 4096;
/** Once asked for, a session is the service's to give: so long its answer is waited for, in ms. */
const ANSWER_GRACE = 3_000;
/** Servers that greet do so within this, in ms. */
const GREETING = 10_000;
const SSH = 22;

/** @param ends what was opened is closed by it, at the latest */
export function addSessionChecks(
  plan: Plan,
  doors: DoctorDoors,
  { cloud, trust }: ProgramChecks,
  { credential }: CredentialChecks,
  { target, host }: TargetChecks,
  dataPlane: Checked<unknown>,
  { timeout, ends }: { readonly timeout: number; readonly ends: AsyncDisposableStack },
): void {
  const { clock } = doors;

  const session = plan.add({
    name: "session",
    title: "Session",
    needs: [host, credential, dataPlane],
    async run(signal) {
      const { request, transport } = await doors.permit({ target: target.value(), port: 0 });
      const { tenant } = request.target.bastionHost;
      const token = await credential.value().getToken(`${cloud.value().audience}/.default`, {
        signal,
        ...(tenant === undefined ? {} : { tenant }),
      });
      const answer = delayedSignal(signal, ANSWER_GRACE, clock);
      const opening = doors.openSession(request.target, token, answer.signal)
        .finally(() => answer[Symbol.dispose]());
      ends.defer(() => opening.then((session) => session.close(), () => {}));
      return { found: "given", value: { session: await opening, request, transport } };
    },
  });

  const channel = plan.add({
    name: "websocket",
    title: "WebSocket",
    needs: [session, trust],
    async run(signal) {
      const { session: { endpoint, path }, request, transport } = session.value();
      const connecting = transport.connect({
        endpoint,
        path: Promise.resolve(path),
        dial: trust.value().dial,
        clock,
        frameSize: request.frameSize ?? FRAME_SIZE,
        signal,
      });
      ends.defer(() => connecting.then((channel) => channel.close(), () => {}));
      return { found: "open", value: await connecting };
    },
  });

  plan.add({
    name: "port",
    title: "Target's port",
    needs: [channel],
    async run(signal) {
      const { label, port } = session.value().request.target;
      const startedAt = clock.now();
      // Less than the check has, so that silence is a finding.
      const patience = Math.min(GREETING, timeout * 0.7);
      const silence = Promise.withResolvers<"silence">();
      const cancel = clock.after(patience, () => silence.resolve("silence"));
      const reading = channel.value().read();
      reading.catch(() => {});
      try {
        const first = await Promise.race([reading, silence.promise]);
        signal.throwIfAborted();
        if (first === "silence") return silent(port, label, patience);
        if (first === null) return { found: "it answers, and hangs up", value: undefined };
        const line = new TextDecoder().decode(first.subarray(0, 255)).split(/\r?\n/, 1)[0] ?? "";
        return { found: `it answers: ${printable(line, 120)}`, value: undefined };
      } catch (error) {
        throw explainClose(error, label, clock.now() - startedAt);
      } finally {
        cancel();
      }
    },
  });
}

function silent(port: number, target: string, patience: number) {
  const seconds = Math.round(patience / 100) / 10;
  if (port === SSH) throw bastionError("target-silent", { target, seconds });
  return {
    found: `open, and nothing was said for ${seconds} s: as it should be where the client speaks ` +
      "first (RDP, HTTP, databases); from an SSH server it would mean a filter",
    value: undefined,
  };
}
