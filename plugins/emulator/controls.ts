/** The emulator's own paths, for tests: `/_emulator/stats`, `/_emulator/faults`, `/_emulator/secrets`. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { faultListSchema } from "./fault_schema.ts";
import type { Faults } from "./faults.ts";
import { readBody, sendJson } from "./http_body.ts";
import { explainIssue } from "./load_world.ts";
import type { SecretRecord } from "./secret_record.ts";
import type { Stats } from "./stats.ts";

export interface ControlOptions {
  readonly stats: Stats;
  readonly faults: Faults;
  readonly secrets: SecretRecord;
  /** What `/_emulator/secrets` wants as a bearer token. */
  readonly controlKey: string;
}

export interface Controls {
  handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>;
}

export function createControls(options: ControlOptions): Controls {
  const { stats, faults, secrets, controlKey } = options;

  async function replaceFaults(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let value: unknown;
    try {
      value = JSON.parse(await readBody(request) ?? "");
    } catch {
      return sendJson(response, 400, { message: "The body must be JSON: a list of faults." });
    }
    const result = faultListSchema.safeParse(value, { reportInput: true });
    if (!result.success) {
      return sendJson(response, 400, {
        message: result.error.issues.map(explainIssue).join("; "),
      });
    }
    faults.replace(result.data.faults, result.data.seed);
    response.writeHead(204);
    response.end();
  }

  return {
    async handle(request, response, path) {
      switch (`${request.method} ${path}`) {
        case "GET /_emulator/stats":
          return sendJson(response, 200, stats);
        case "POST /_emulator/faults":
          return await replaceFaults(request, response);
        case "GET /_emulator/secrets":
          // Every user of this computer can reach this port, and among the secrets is what opens
          // a shell as the user who runs the emulator.
          if (request.headers.authorization !== `Bearer ${controlKey}`) {
            return sendJson(response, 401, {
              message:
                "Send Authorization: Bearer KEY; the key is BASTION_EMULATOR_KEY of the emulator's environment.",
            });
          }
          return sendJson(response, 200, secrets.list());
        default:
          return sendJson(response, 404, {
            message: "Known are GET stats, POST faults and GET secrets.",
          });
      }
    },
  };
}
