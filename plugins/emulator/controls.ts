/** The emulator's own paths, for tests: what it has counted, what it is to break, who may do what. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { z } from "zod";
import { faultListSchema } from "./fault_schema.ts";
import type { Faults } from "./faults.ts";
import { readBody, sendJson } from "./http_body.ts";
import { explainIssue } from "./load_world.ts";
import {
  appChange,
  deviceCodeChange,
  machineChange,
  type RunTimeChanges,
  userChange,
} from "./run_time_changes.ts";
import type { SecretRecord } from "./secret_record.ts";
import type { Stats } from "./stats.ts";

export interface ControlOptions {
  readonly stats: Stats;
  readonly faults: Faults;
  readonly secrets: SecretRecord;
  readonly changes: RunTimeChanges;
  /** What all that is secret, or changes who may sign in, wants as a bearer token. */
  readonly controlKey: string;
}

export interface Controls {
  handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>;
}

export function createControls(options: ControlOptions): Controls {
  const { stats, faults, secrets, changes, controlKey } = options;

  /** @param apply what is wrong with the change, or undefined once it is made */
  async function change<Schema extends z.ZodType>(
    request: IncomingMessage,
    response: ServerResponse,
    schema: Schema,
    apply: (value: z.output<Schema>) => string | undefined,
  ): Promise<void> {
    let value: unknown;
    try {
      value = JSON.parse(await readBody(request) ?? "");
    } catch {
      return sendJson(response, 400, { message: "The body must be JSON." });
    }
    const result = schema.safeParse(value, { reportInput: true });
    if (!result.success) {
      return sendJson(response, 400, {
        message: result.error.issues.map(explainIssue).join("; "),
      });
    }
    const problem = apply(result.data);
    if (problem !== undefined) return sendJson(response, 404, { message: problem });
    response.writeHead(204);
    response.end();
  }

  return {
    async handle(request, response, path) {
      const route = `${request.method} ${path}`;
      if (route === "GET /_emulator/stats") return sendJson(response, 200, stats);
      if (route === "POST /_emulator/faults") {
        return await change(request, response, faultListSchema, (list) => {
          faults.replace(list.faults, list.seed);
          return undefined;
        });
      }
      // Every user of this computer can reach this port, and among the secrets is what opens a
      // shell as the user who runs the emulator.
      if (request.headers.authorization !== `Bearer ${controlKey}`) {
        return sendJson(response, 401, {
          message:
            "Send Authorization: Bearer KEY; the key is BASTION_EMULATOR_KEY of the emulator's environment.",
        });
      }
      switch (route) {
        case "GET /_emulator/secrets":
          return sendJson(response, 200, secrets.list());
        case "POST /_emulator/users":
          return await change(request, response, userChange, changes.changeUser);
        case "POST /_emulator/apps":
          return await change(request, response, appChange, changes.changeApp);
        case "POST /_emulator/machines":
          return await change(request, response, machineChange, changes.changeMachine);
        case "POST /_emulator/device-codes":
          return await change(request, response, deviceCodeChange, changes.settleDeviceCode);
        default:
          return sendJson(response, 404, {
            message:
              "Known are GET stats and secrets, and POST faults, users, apps, machines and device-codes.",
          });
      }
    },
  };
}
