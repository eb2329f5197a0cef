import { bastionError } from "../../errors.ts";
import type { VmSignInRequest } from "./sign_in.ts";

/**
 * The user name, which the official client wants with these sign-ins, too.
 * @throws BastionError `sign-in-user-missing`
 */
export function requiredUser({ user, target }: VmSignInRequest, authType: string): string {
  if (user !== undefined) return user;
  throw bastionError("sign-in-user-missing", { authType, target: target.label });
}
