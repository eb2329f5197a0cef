/** Azure Resource Graph: one question about all that the holder may read. */

import type { IncomingMessage } from "node:http";
import type { Access } from "./access.ts";
import type { TokenHolder } from "./access_tokens.ts";
import type { ArmAnswer } from "./arm_answer.ts";
import type { CatalogueEntry } from "./arm_catalogue.ts";
import { skipToken, startOfPage } from "./arm_page.ts";
import { describeSubscription } from "./arm_documents.ts";
import { readBody } from "./http_body.ts";
import { runKql } from "./kql.ts";
import type { KqlRow } from "./kql_expression.ts";
import { KqlError } from "./kql_tokens.ts";
import { sameName } from "./resource_id.ts";
import type { Subscription, World } from "./world.ts";

export interface ResourceGraphOptions {
  readonly world: World;
  readonly catalogue: readonly CatalogueEntry[];
  readonly access: Access;
  readonly pageSize: number;
}

const INSTANCES = "microsoft.compute/virtualmachinescalesets/virtualmachines";

export function isResourceGraphPath(path: string): boolean {
  return /^\/providers\/Microsoft\.ResourceGraph\/resources\/?$/i.test(path);
}

export function createResourceGraph({ world, catalogue, access, pageSize }: ResourceGraphOptions) {
  return async (request: IncomingMessage, holder: TokenHolder): Promise<ArmAnswer> => {
    const question = readQuestion(await readBody(request));
    if (!question) return badRequest("InvalidRequest", "The request's body cannot be read.");
    const { query, wanted } = question;
    const subscriptions = world.subscriptions.filter(({ id, tenant }) =>
      tenant === holder.tenant && access.touches(holder, `/subscriptions/${id}`) &&
      (!wanted || wanted.some((one) => sameName(one, id)))
    );
    if (subscriptions.length === 0) {
      return badRequest(
        "NoValidSubscriptionsInQueryRequest",
        `There must be at least one subscription that is eligible to contain resources. Given: '${
          (wanted ?? []).join(", ")
        }'.`,
      );
    }
    let rows: readonly KqlRow[];
    try {
      rows = runKql(query, tablesOf(subscriptions, holder));
    } catch (error) {
      if (error instanceof KqlError) return badRequest("ParserFailure", error.message);
      throw error;
    }
    const start = startOfPage(question.skipToken);
    if (start === undefined) return badRequest("InvalidSkipToken", "The skip token is invalid.");
    const size = Math.min(question.top ?? pageSize, pageSize);
    const data = rows.slice(start, start + size);
    return {
      body: {
        totalRecords: rows.length,
        count: data.length,
        data,
        facets: [],
        resultTruncated: "false",
        ...(start + size < rows.length ? { $skipToken: skipToken(start + size) } : {}),
      },
    };
  };

  function tablesOf(subscriptions: readonly Subscription[], holder: TokenHolder) {
    const readable = catalogue.filter((one) =>
      subscriptions.includes(one.subscription) && access.may(holder, `${one.type}/read`, one.id)
    );
    const isTopLevel = ({ type }: CatalogueEntry) => type.split("/").length === 2;
    return {
      resources: readable.filter(isTopLevel).map(rowOf),
      computeresources: readable.filter(({ type }) => sameName(type, INSTANCES)).map(rowOf),
      resourcecontainers: subscriptions.map((one) => ({
        ...describeSubscription(one),
        name: one.name,
        type: "microsoft.resources/subscriptions",
        properties: { state: one.state },
      })),
    };
  }
}

/** Types and groups are in lower case there; power states are in a place of their own. */
function rowOf(entry: CatalogueEntry): KqlRow {
  const { machine, subscription } = entry;
  const document = entry.document(false);
  const power = machine && {
    extended: {
      instanceView: {
        powerState: {
          code: `PowerState/${machine.powerState}`,
          level: "Info",
          displayStatus: `VM ${machine.powerState}`,
        },
      },
    },
  };
  return {
    ...document,
    type: entry.type.toLowerCase(),
    tenantId: subscription.tenant,
    subscriptionId: subscription.id,
    resourceGroup: entry.resourceGroup.toLowerCase(),
    properties: { ...document.properties, ...power },
  };
}

interface Question {
  readonly query: string;
  readonly wanted?: readonly string[];
  readonly skipToken?: string;
  readonly top?: number;
}

function readQuestion(body: string | undefined): Question | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body ?? "");
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { query, subscriptions, options } = value;
  if (typeof query !== "string") return undefined;
  const { $skipToken: token, $top: top, resultFormat = "objectArray" } = isObject(options)
    ? options
    : {};
  if (resultFormat !== "objectArray") return undefined;
  return {
    query,
    ...(Array.isArray(subscriptions) ? { wanted: subscriptions.map(String) } : {}),
    ...(typeof token === "string" ? { skipToken: token } : {}),
    ...(typeof top === "number" && top > 0 ? { top } : {}),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function badRequest(code: string, message: string): ArmAnswer {
  const timestamp = new Date().toISOString();
  return {
    status: 400,
    code: "BadRequest",
    message:
      `Please provide below info when asking for support: timestamp = ${timestamp}, correlationId = ${crypto.randomUUID()}.`,
    details: [
      { code: "InvalidQuery", message: "Query is invalid." },
      { code, message },
    ],
  };
}
