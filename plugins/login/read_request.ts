/** Which sign-in the options of `bastion login` ask for. */

import type {
  CommandContext,
  OptionValues,
  PrincipalProof,
  SignInRequest,
  UserSignIn,
} from "../../core/mod.ts";
import { readSecret } from "./read_secret.ts";

type Problem = { readonly problem: string; readonly remedy: string };

/** What a sign-in of each kind takes, besides --tenant and --username. */
const KINDS = {
  user: ["device-code", "use-device-code", "client-id"],
  "service-principal": [
    "service-principal",
    "password",
    "password-stdin",
    "certificate",
    "federated-token",
    "federated-token-file",
  ],
  identity: ["identity", "client-id"],
} as const;

const PROOFS = [
  "password",
  "password-stdin",
  "certificate",
  "federated-token",
  "federated-token-file",
];

/** Pure: what is wrong with the options together. */
export function requestProblem(options: OptionValues): Problem | undefined {
  const kind = options["service-principal"] === true
    ? "service-principal"
    : options["identity"] === true
    ? "identity"
    : "user";
  const allowed: readonly string[] = KINDS[kind];
  const odd = Object.values(KINDS).flat().find((name) =>
    isGiven(options[name]) && !allowed.includes(name)
  );
  if (odd !== undefined) {
    if (kind === "user") {
      return {
        problem: `--${odd} goes with --service-principal.`,
        remedy: "Add --service-principal, with --username CLIENT-ID and --tenant TENANT.",
      };
    }
    return { problem: `--${odd} does not go with --${kind}.`, remedy: `Leave out one of the two.` };
  }
  const tenant = text(options, "tenant");
  // It becomes a part of addresses.
  if (tenant !== undefined && !/^[\w-][\w.-]{0,254}$/.test(tenant)) {
    return {
      problem: `${JSON.stringify(tenant)} is no tenant.`,
      remedy: "Give --tenant the tenant's id, or a domain of it, as contoso.onmicrosoft.com.",
    };
  }
  const proofs = PROOFS.filter((name) => isGiven(options[name]));
  if (proofs.length > 1) {
    const named = proofs.map((name) => `--${name}`).join(" and ");
    return { problem: `${named} exclude each other.`, remedy: "Give one of them." };
  }
  return undefined;
}

export async function readRequest(
  options: OptionValues,
  ctx: CommandContext,
  show: UserSignIn["show"],
): Promise<SignInRequest> {
  const problem = requestProblem(options);
  if (problem) throw ctx.error("usage", problem);
  const tenant = text(options, "tenant");
  const username = text(options, "username");
  const clientId = text(options, "client-id");
  if (options["service-principal"] === true) return await principalRequest(options, ctx);
  if (options["identity"] === true) {
    // Older az took the client id as the user's name.
    const identity = clientId ?? username;
    return { kind: "managed-identity", ...(identity === undefined ? {} : { clientId: identity }) };
  }
  const byCode = options["device-code"] === true || options["use-device-code"] === true;
  const { browserAvailable } = await ctx.accounts();
  if (!byCode && !browserAvailable) {
    ctx.out.notice("There is no browser here: signing in by a code, as --device-code does.");
  }
  return {
    kind: byCode || !browserAvailable ? "device-code" : "browser",
    show,
    ...(tenant === undefined ? {} : { tenant }),
    ...(username === undefined ? {} : { username }),
    ...(clientId === undefined ? {} : { clientId }),
  };
}

async function principalRequest(
  options: OptionValues,
  ctx: CommandContext,
): Promise<SignInRequest> {
  const needed = (name: string, what: string): string => {
    const value = text(options, name);
    if (value !== undefined) return value;
    throw ctx.error("usage", {
      problem: `bastion login --service-principal needs --${name}.`,
      remedy: `Give --${name} ${what}.`,
    });
  };
  const clientId = needed("username", "CLIENT-ID");
  const tenant = needed("tenant", "TENANT");
  return { kind: "service-principal", clientId, tenant, proof: await readProof(options, ctx) };
}

async function readProof(options: OptionValues, ctx: CommandContext): Promise<PrincipalProof> {
  const certificateFile = text(options, "certificate");
  if (certificateFile !== undefined) return { certificateFile };
  const federatedTokenFile = text(options, "federated-token-file");
  if (federatedTokenFile !== undefined) return { federatedTokenFile };
  if (isGiven(options["federated-token"])) {
    return { federatedToken: await readSecret("--federated-token -", ctx) };
  }
  if (isGiven(options["password"]) || isGiven(options["password-stdin"])) {
    return { secret: await readSecret("--password-stdin", ctx) };
  }
  const secret = ctx.platform.env("AZURE_CLIENT_SECRET");
  if (secret) return { secret };
  const asked = await ctx.prompt.password({
    message: "The service principal's secret",
    flag: "--password-stdin (or set AZURE_CLIENT_SECRET)",
    signal: ctx.signal,
  });
  return { secret: asked };
}

function isGiven(value: OptionValues[string]): boolean {
  return value !== undefined && value !== false;
}

function text(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}
