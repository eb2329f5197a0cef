import type { PluginContext, VmSignInRequest } from "../../core/mod.ts";
import { checkUser } from "./check_user.ts";
import type { Goal } from "./find_goal.ts";
import type { SessionPlan } from "./session_plan.ts";

/** How the user would enter; without `authType` that is the client's affair. */
export interface Entry extends Omit<VmSignInRequest, "target"> {
  readonly authType?: string | undefined;
}

/**
 * Asks the sign-in, where one is named.
 * @param stack disposes of what it gives, when the session is over
 * @throws BastionError `ssh/user-odd`, and the sign-in's own
 */
export async function planSession(
  goal: Goal,
  { authType, ...request }: Entry,
  stack: AsyncDisposableStack,
  ctx: Pick<PluginContext, "error" | "signIn">,
): Promise<SessionPlan> {
  const { user: named } = request;
  checkUser(named, ctx);
  if (authType === undefined) return { ...goal, ...(named === undefined ? {} : { user: named }) };
  const signIn = stack.use(await ctx.signIn(authType, { target: goal.target, ...request }));
  const { user = named, methods, expiresOn } = signIn;
  checkUser(user, ctx);
  return {
    ...goal,
    ...(user === undefined ? {} : { user }),
    signIn: { name: authType, methods, ...(expiresOn === undefined ? {} : { expiresOn }) },
  };
}
