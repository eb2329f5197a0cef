/** A program of the user's own that prints a token (`--token-command`). */

import { createHash } from "node:crypto";
import { bastionError } from "../../errors.ts";
import { findProgram } from "../../find_program.ts";
import { programRunner } from "../../run_program.ts";
import { printable } from "../../secret.ts";
import type { CredentialProvider } from "./credential.ts";
import { splitCommandLine } from "./split_command_line.ts";
import { readTokenOutput } from "./token_output.ts";

/**
 * The program finds the scope and, where one is asked for, the tenant in BASTION_TOKEN_SCOPE and
 * BASTION_TOKEN_TENANT. It prints the token, or JSON as `az account get-access-token` does.
 */
export const tokenCommandCredential: CredentialProvider = {
  name: "token-command",
  async create(source) {
    const { tokenCommand: line, platform, clock } = source;
    if (!line?.trim()) return { absent: "no --token-command" };
    const [first, ...args] = splitCommandLine(line, platform.os) ?? [];
    if (!first) {
      throw bastionError("usage", {
        problem: "The line of --token-command has a quote that is not closed.",
        remedy: "Quotes keep words with spaces together; no shell reads the line.",
      });
    }
    const program = await findProgram(first, platform);
    if (!program) throw bastionError("command-not-found", { program: printable(first) });
    const run = programRunner(platform, clock);
    const name = `token-command (${printable(first, 80)})`;
    return {
      name,
      // The line may hold what is nobody's business.
      cacheKey: `token-command ${createHash("sha256").update(line).digest("hex")}`,
      async getToken(scope, { signal, tenant = "" } = {}) {
        const { code, stdout, stderr } = await run([program, ...args], {
          env: { BASTION_TOKEN_SCOPE: scope, BASTION_TOKEN_TENANT: tenant },
          ...(signal ? { signal } : {}),
        });
        const token = code === 0 ? readTokenOutput(stdout, clock.date().getTime()) : undefined;
        if (token) return token;
        const said = printable(stderr.trim()).replace(/\.$/, "");
        throw bastionError("credential-broken", {
          credential: name,
          problem: code === 0
            ? "it printed neither a token nor JSON with one"
            : `it ended with ${code}${said === "" ? "" : `: ${said}`}`,
          remedy: "Run the command by itself to see what it prints.",
        });
      },
    };
  },
};
