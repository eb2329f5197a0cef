/**
 * The emulator, for programs and tests in the same process.
 *
 * @example
 * ```ts
 * await using emulator = await startEmulator();
 * console.log(emulator.endpoint, emulator.stats().tokenPosts);
 * ```
 */

import type { Logger } from "../../core/mod.ts";
import { createAccessTokens } from "./access_tokens.ts";
import type { Address } from "./address.ts";
import { createArm } from "./arm.ts";
import { createCertificates } from "./certificates.ts";
import { createControls } from "./controls.ts";
import { type DataPlane, openDataPlane } from "./data_plane.ts";
import { demoWorld } from "./demo_world.ts";
import { openEchoServer } from "./echo_server.ts";
import { openEndpoint, type Services } from "./endpoint.ts";
import { createEntra } from "./entra.ts";
import { createEnvironment } from "./environment.ts";
import { type MakeError, makePlainError } from "./errors.ts";
import { type FaultInput, faultListSchema } from "./fault_schema.ts";
import { createFaults } from "./faults.ts";
import { parseListenAddress } from "./listen_address.ts";
import { checkWorld, loadWorldFile } from "./load_world.ts";
import { createSecretRecord } from "./secret_record.ts";
import { openSshMachines, type SshAccess, type SshMachines } from "./ssh_machines.ts";
import { createStats, type Stats } from "./stats.ts";
import { type BastionHostResource, createWorld, type VirtualMachine, type World } from "./world.ts";
import type { WorldInput } from "./world_schema.ts";

export interface EmulatorOptions {
  /** Path of a YAML file. Without it and `world`, the demo world. */
  readonly file?: string;
  /** What would stand in the file. */
  readonly world?: WorldInput;
  /** `127.0.0.1:PORT`, for Entra and Resource Manager; port 0 (the default): the system chooses. */
  readonly listen?: string;
  readonly log?: Logger;
  /** Makes the errors; plain ones where it is left out. */
  readonly error?: MakeError;
  /** The environment that NO_PROXY is taken from; the process's own where it is left out. */
  readonly env?: (name: string) => string | undefined;
}

export interface RunningEmulator extends AsyncDisposable {
  /** Base address of Entra, Resource Manager and `/_emulator/…`. */
  readonly endpoint: string;
  /** PEM of the CA, and the file with it. */
  readonly ca: string;
  readonly caFile: string;
  /** For BASTION_CLOUD_FILE. */
  readonly cloudFile: string;
  /** 0700; everything that the emulator writes is in it. It goes with the emulator. */
  readonly directory: string;
  /** What a program needs in its environment to find all this; PATH apart. */
  readonly environment: Readonly<Record<string, string>>;
  readonly world: World;
  /** `127.0.0.1:PORT` of a bastion host's data plane. */
  dnsNameOf(host: BastionHostResource): string;
  /** How to sign in to the VMs with a built-in SSH server; undefined where there is none. */
  readonly ssh?: SshAccess;
  /** A copy of the counters. */
  stats(): Stats;
  /** Every secret given out so far. */
  secrets(): readonly string[];
  /** Replaces all faults; counts start anew. */
  setFaults(faults: readonly FaultInput[], seed?: number): void;
  /** Ends every connection, closes every listener, removes the directory. Idempotent. */
  stop(): Promise<void>;
}

/** Audience of tokens for Resource Manager: in Azure, too, it is not the address of the service. */
const AUDIENCE = "https://management.emulator.test";
const SSH_CERTIFICATE_SCOPE = "https://pas.emulator.test/CheckMyAccess/Linux/.default";

/** @throws `emulator/…` errors, as `options.error` makes them */
export async function startEmulator(options: EmulatorOptions = {}): Promise<RunningEmulator> {
  const error = options.error ?? makePlainError;
  const address = parseListenAddress(options.listen ?? "127.0.0.1:0", error);
  const description = options.file === undefined
    ? checkWorld(options.world ?? demoWorld, error)
    : await loadWorldFile(options.file, error);
  const world = createWorld(description);

  await using started = new AsyncDisposableStack();
  const stopping = started.adopt(new AbortController(), (controller) => controller.abort());
  const { signal } = stopping;
  const directory = started.adopt(
    await Deno.makeTempDir({ prefix: "bastion-emulator-" }),
    (path) => Deno.remove(path, { recursive: true }),
  );
  const opened = async <Server extends { close(): Promise<void> }>(server: Promise<Server>) =>
    started.adopt(await server, (one) => one.close());

  const stats = createStats();
  const secrets = createSecretRecord();
  for (const { clientSecret } of world.servicePrincipals) {
    if (clientSecret !== undefined) secrets.add(clientSecret);
  }
  const faults = createFaults(stats);
  faults.replace(description.faults, description.seed);
  const controlKey = secrets.add(crypto.getRandomValues(new Uint8Array(24)).toHex());
  const certificates = await createCertificates(new Date());
  const now = () => Date.now();

  // They need the port, and requests wait for them.
  const services = Promise.withResolvers<Services>();
  const { port } = await opened(
    openEndpoint(
      {
        certificates,
        address: address.host,
        port: address.port,
        faults,
        stats,
        signal,
        log: options.log,
      },
      services.promise,
    ).catch((cause) => {
      throw error("emulator/listen-failed", {
        address: `${address.host}:${address.port}`,
        problem: cause instanceof Error ? cause.message : String(cause),
      }, cause);
    }),
  );
  const endpoint = `https://127.0.0.1:${port}`;
  const tokens = await createAccessTokens({
    world,
    authority: endpoint,
    audience: AUDIENCE,
    lifetime: description.accessTokenLifetime,
    secrets,
    stats,
    now,
  });

  const echo = await opened(openEchoServer());
  const machines: SshMachines = await opened(openSshMachines(world, directory, addressOf));
  for (const secret of machines.access?.secrets ?? []) secrets.add(secret);

  function addressOf(vm: VirtualMachine, remotePort: number): Address | undefined {
    const to = vm.ports.get(remotePort);
    if (to === undefined) return undefined;
    if (to === "echo") return { host: "127.0.0.1", port: echo.port };
    if (to === "ssh") return machines.addressOf(vm);
    const [, host = "", digits = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(to) ?? [];
    return { host, port: Number(digits) };
  }

  const planes = new Map<BastionHostResource, DataPlane>();
  for (const host of world.bastionHosts) {
    planes.set(
      host,
      await opened(openDataPlane({
        host,
        world,
        certificates,
        address: "127.0.0.1",
        tokens,
        faults,
        secrets,
        stats,
        addressOf,
        signal,
        log: options.log,
      })),
    );
  }
  const dnsNameOf = (host: BastionHostResource) => `127.0.0.1:${planes.get(host)?.port ?? 0}`;

  const caFile = `${directory}/ca.pem`;
  const cloudFile = `${directory}/cloud.json`;
  await writePrivate(caFile, certificates.ca);
  await writePrivate(
    cloudFile,
    JSON.stringify({
      name: "Emulator",
      resourceManager: endpoint,
      authority: endpoint,
      audience: AUDIENCE,
      sshCertificateScope: SSH_CERTIFICATE_SCOPE,
      caFile,
    }),
  );
  services.resolve({
    entra: createEntra({ world, tokens, authority: endpoint, audience: AUDIENCE, now }),
    arm: createArm({ world, tokens, authority: endpoint, stats, dnsNameOf }),
    controls: createControls({ stats, faults, secrets, controlKey }),
  });
  const [principal] = world.servicePrincipals;
  const [subscription] = world.subscriptions;
  if (!principal || !subscription) throw new TypeError("a checked world has one of each");

  const running = started.move();
  let stopped: Promise<void> | undefined;
  const stop = () => stopped ??= running.disposeAsync();
  return {
    endpoint,
    ca: certificates.ca,
    caFile,
    cloudFile,
    directory,
    environment: createEnvironment(
      {
        endpoint,
        caFile,
        cloudFile,
        controlKey,
        principal,
        subscription: subscription.id,
        ...(machines.access ? { ssh: machines.access } : {}),
      },
      options.env ?? ((name) => Deno.env.get(name)),
    ),
    world,
    dnsNameOf,
    ...(machines.access ? { ssh: machines.access } : {}),
    stats: () => ({ ...stats }),
    secrets: () => secrets.list(),
    setFaults: (list, seed) => faults.replace(faultListSchema.parse(list).faults, seed),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function writePrivate(file: string, text: string): Promise<void> {
  await Deno.writeTextFile(file, text, { mode: 0o600, createNew: true });
}
