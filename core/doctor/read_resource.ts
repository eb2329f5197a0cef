import type { ArmClient } from "../azure/arm_client.ts";
import { bastionError, isBastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import type { HeldToken } from "./credential_checks.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import type { Checked } from "./plan.ts";

/**
 * Reads what the user needs a role for; a refusal says which role, and how it is given.
 * @throws BastionError `role-missing`, `resource-missing`, `arm-…`
 */
export async function readResource<Document>(
  doors: DoctorDoors,
  token: Checked<HeldToken>,
  what: string,
  scope: string,
  ask: (arm: ArmClient) => Promise<Document>,
): Promise<NonNullable<Document>> {
  try {
    const document = await ask(await doors.arm());
    if (document !== undefined && document !== null) return document;
  } catch (error) {
    if (!isBastionError(error, "arm-forbidden")) throw error;
    const { objectId, username } = token.value().facts;
    throw bastionError("role-missing", {
      what,
      detail: error.params["detail"] ?? "",
      command: assignCommand(objectId ?? username, scope),
    }, error);
  }
  throw bastionError("resource-missing", { what, id: printable(scope, 400) });
}

/** For a shell, into which it may be pasted: what would say more there is left to the user. */
function assignCommand(assignee: string | undefined, scope: string): string {
  const who = assignee !== undefined && /^[\w.@-]+$/.test(assignee) ? assignee : "USER";
  const where = /^[\p{L}\p{N}/_.()-]+$/u.test(scope) ? `"${scope}"` : "ID";
  return `az role assignment create --role Reader --assignee ${who} --scope ${where}`;
}
