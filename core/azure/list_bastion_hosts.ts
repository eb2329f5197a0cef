/** The bastion hosts of some subscriptions. */

import { bastionError, isBastionError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { ArmClient } from "./arm_client.ts";
import { BASTION_API_VERSION, type BastionHost } from "./bastion_host.ts";
import { dig } from "./dig.ts";
import { eachSubscription } from "./each_subscription.ts";
import { readBastionHost } from "./read_bastion_host.ts";
import { askResourceGraph } from "./resource_graph.ts";
import { parseResourceId } from "./resource_id.ts";

const TYPE = "microsoft.network/bastionhosts";
const WHAT = "the bastion hosts";

/** @param graph whether Resource Graph knows the subscriptions */
export async function listBastionHosts(
  arm: ArmClient,
  subscriptions: readonly string[],
  graph: boolean,
  log: Logger,
  signal: AbortSignal,
): Promise<BastionHost[]> {
  const documents = (graph
    ? await askResourceGraph(
      arm,
      subscriptions,
      [TYPE],
      { sku: "sku", properties: "properties" },
      WHAT,
      signal,
    )
    : undefined) ??
    await eachSubscription(subscriptions, WHAT, log, (subscription) =>
      arm.list(
        `/subscriptions/${subscription}/providers/Microsoft.Network/bastionHosts`,
        BASTION_API_VERSION,
        `${WHAT} of ${subscription}`,
        signal,
      ));
  return documents.flatMap((document) => {
    try {
      return [readListed(document, arm)];
    } catch (error) {
      if (!isBastionError(error)) throw error;
      log.warning("a bastion host is left out", { problem: error.message });
      return [];
    }
  });
}

function readListed(document: unknown, arm: ArmClient): BastionHost {
  const given = dig(document, "id");
  const id = typeof given === "string" ? parseResourceId(given) : undefined;
  const [name, ...more] = id?.names ?? [];
  if (!id || name === undefined || more.length > 0 || id.type.toLowerCase() !== TYPE) {
    throw bastionError("arm-unreadable", { resource: WHAT, problem: "one of them has no id" });
  }
  const tenant = arm.tenantOf(id.subscription);
  return readBastionHost(document, {
    id: id.id,
    name,
    resourceGroup: id.resourceGroup,
    subscription: id.subscription.toLowerCase(),
    ...(tenant === undefined ? {} : { tenant }),
  });
}
