/** The checks of who the user is in Azure: the credential, its token, what it sees. */

import type { AccessToken, AzureCredential } from "../auth/azure/credential.ts";
import type { Subscription } from "../azure/subscription.ts";
import { findSubscription } from "../azure/subscription.ts";
import { challengedTenant } from "../azure/wanted_tenant.ts";
import { bastionError, isBastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import { OVERSIZED_TOKEN } from "../tunnel/session_refusal.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import type { Checked, Plan } from "./plan.ts";
import type { ProgramChecks } from "./program_checks.ts";
import { type TokenFacts, tokenFacts } from "./token_facts.ts";

export interface CredentialChecks {
  readonly credential: Checked<AzureCredential>;
  readonly token: Checked<HeldToken>;
  readonly subscriptions: Checked<readonly Subscription[]>;
  /** Id of the subscription that it is about. */
  readonly tenant: Checked<string>;
}

export interface HeldToken {
  readonly access: AccessToken;
  readonly facts: TokenFacts;
}

/** Connections ask for a new token so long before the old one ends, in ms. */
const RENEW_BEFORE = 5 * 60_000;
/** From here on the next group may be one too many. */
const LARGE_TOKEN = OVERSIZED_TOKEN * 0.75;

export interface CredentialQuestion {
  /** Name or id, as the user has given it. */
  readonly subscription?: string | undefined;
  /** Ids of subscriptions that the user has named by naming something in them. */
  readonly named: readonly string[];
}

export function addCredentialChecks(
  plan: Plan,
  doors: DoctorDoors,
  { cloud }: ProgramChecks,
  arm: Checked<unknown>,
  question: CredentialQuestion,
): CredentialChecks {
  const now = () => doors.clock.date().getTime();
  const asked = question.subscription ??
    (doors.platform.env("AZURE_SUBSCRIPTION_ID") || undefined);

  const credential = plan.add({
    name: "credential",
    title: "Azure credential",
    needs: [cloud],
    async run() {
      const value = await doors.credential();
      return { found: printable(value.name, 200), value };
    },
  });

  const token = plan.add({
    name: "token",
    title: "Access token",
    needs: [credential],
    async run(signal) {
      const access = await credential.value().getToken(`${cloud.value().audience}/.default`, {
        signal,
      });
      const facts = tokenFacts(access.token);
      const left = access.expiresOn - now();
      const until = new Date(access.expiresOn).toISOString().slice(0, 16).replace("T", " ");
      if (left <= 0) {
        throw bastionError("token-expired", {
          credential: printable(credential.value().name, 200),
          until,
        });
      }
      const whose = facts.username === undefined ? "" : `for ${facts.username}, `;
      const value = { access, facts };
      const found = `${whose}good for ${Math.floor(left / 60_000)} min (until ${until} UTC)`;
      if (left >= RENEW_BEFORE) return { found, value };
      return {
        status: "warn",
        found,
        remedy:
          "So short a life leaves no time to renew it ahead: look at what gives out the tokens, or at a policy of the tenant's.",
        value,
      };
    },
  });

  plan.add({
    name: "token-size",
    title: "Token size and groups",
    needs: [token],
    run() {
      const { access, facts: { groups, overage } } = token.value();
      const size = access.token.length;
      const found = `${size} bytes, ${
        overage ? "more groups than a token names (so they are left out)" : `${groups} groups`
      }`;
      if (size > OVERSIZED_TOKEN) {
        throw bastionError("token-oversized", { size, detail: `, ${groups} groups` });
      }
      if (size <= LARGE_TOKEN) return { found, value: undefined };
      return {
        status: "warn",
        found,
        remedy:
          `Of more than ${OVERSIZED_TOKEN} bytes, which some more Entra groups would make it, Azure Bastion takes no token.`,
        value: undefined,
      };
    },
  });

  const tenant = plan.add({
    name: "tenant",
    title: "Tenant",
    needs: [arm, token],
    async run(signal) {
      const { facts } = token.value();
      const id = await meantSubscription(signal);
      if (id === undefined) return { skipped: "it is not clear which subscription is meant" };
      const wanted = await tenantOf(id, signal);
      if (wanted === undefined) return { skipped: "Azure does not tell the subscription's tenant" };
      if (facts.tenant === undefined) return { skipped: "the token does not tell its tenant" };
      if (facts.tenant === wanted) {
        return { found: `${wanted}, the token's and the subscription's`, value: id };
      }
      await tokenOf(wanted, id, facts.tenant, signal);
      return {
        found: `the subscription is in tenant ${wanted}, and a token of it is to be had ` +
          `(the credential's own is ${facts.tenant})`,
        value: id,
      };
    },
  });

  const subscriptions = plan.add({
    name: "subscription",
    title: "Subscriptions",
    needs: [arm, token],
    async run(signal) {
      const value = await (await doors.inventory()).subscriptions(signal);
      if (value.length === 0) throw bastionError("subscription-none", {});
      const names = value.slice(0, 5).map(({ name }) => printable(name, 80)).join(", ");
      const more = value.length > 5 ? ` and ${value.length - 5} more` : "";
      const found = `${value.length} seen: ${names}${more}`;
      if (asked === undefined) return { found, value };
      const id = await findSubscription(() => Promise.resolve(value), asked);
      if (value.some((one) => one.id.toLowerCase() === id)) return { found, value };
      return {
        status: "warn",
        found: `${found}; not among them: ${printable(asked, 80)}`,
        remedy: "It may be in another tenant, switched off, or without a role for this credential.",
        value,
      };
    },
  });

  async function meantSubscription(signal: AbortSignal): Promise<string | undefined> {
    const [first] = question.named;
    if (first !== undefined) return first;
    const seen = async () => await (await doors.inventory()).subscriptions(signal);
    if (asked !== undefined) {
      try {
        return await findSubscription(seen, asked);
      } catch (error) {
        // The next check says it.
        if (isBastionError(error, "subscription-not-found", "subscription-missing")) {
          return undefined;
        }
        throw error;
      }
    }
    const own = await doors.defaultSubscription();
    if (own !== undefined) return own;
    const [only, ...others] = await seen();
    return others.length === 0 ? only?.id : undefined;
  }

  /** Resource Manager names it to whoever comes without a token. */
  async function tenantOf(id: string, signal: AbortSignal): Promise<string | undefined> {
    const url = `${cloud.value().resourceManager}/subscriptions/${encodeURIComponent(id)}` +
      "?api-version=2022-12-01";
    const { headers } = await doors.http.request({ method: "GET", url, signal });
    return challengedTenant(headers.get("www-authenticate"), cloud.value());
  }

  async function tokenOf(tenant: string, subscription: string, own: string, signal: AbortSignal) {
    const scope = `${cloud.value().audience}/.default`;
    const mismatch = (cause?: unknown) =>
      bastionError(
        "tenant-mismatch",
        { own, tenant, subscription: printable(subscription, 80) },
        cause,
      );
    try {
      const { token } = await credential.value().getToken(scope, { tenant, signal });
      if (tokenFacts(token).tenant !== tenant) throw mismatch();
    } catch (error) {
      if (!isBastionError(error) || error.exit !== "credential") throw error;
      throw mismatch(error);
    }
  }

  return { credential, token, subscriptions, tenant };
}
