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
import type { z } from "zod";
import { createAccess } from "./access.ts";
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
import {
  type ManagedIdentityAddresses,
  openManagedIdentityServer,
} from "./managed_identity_server.ts";
import { portAddress } from "./port_address.ts";
import {
  type appChange,
  createRunTimeChanges,
  type deviceCodeChange,
  type machineChange,
  type userChange,
} from "./run_time_changes.ts";
import { createSecretRecord } from "./secret_record.ts";
import { createSshCertificates } from "./ssh_certificates.ts";
import { openSshMachines, type SshAccess, type SshMachines } from "./ssh_machines.ts";
import { createStats, type Stats } from "./stats.ts";
import { RESOURCE_MANAGER } from "./token_audiences.ts";
import { createTokenSigner } from "./token_signer.ts";
import { writeCloudFile } from "./write_cloud_file.ts";
import { writePrivate } from "./write_private.ts";
import { createWorkloadTokens, type WorkloadIssuer } from "./workload_tokens.ts";
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
  /** Where a VM's identities are to be had; undefined where the world has none. */
  readonly managedIdentity?: ManagedIdentityAddresses;
  /** What a workload that an app trusts finds in its environment. */
  workloadEnvironment(issuer: WorkloadIssuer): Readonly<Record<string, string>>;
  /** The issuer's token about the workload; for AZURE_FEDERATED_TOKEN_FILE. */
  workloadToken(issuer: WorkloadIssuer, audience?: string): Promise<string>;
  /** In seconds, of the access tokens that are issued from now on. */
  setAccessTokenLifetime(seconds: number): void;
  /** In seconds, of the SSH certificates that are issued from now on; 0: they have ended already. */
  setSshCertificateLifetime(seconds: number): void;
  /** @throws TypeError where there is no such user */
  setUser(change: z.input<typeof userChange>): void;
  /** @throws TypeError where there is no such app */
  setApp(change: z.input<typeof appChange>): void;
  /** @throws TypeError where there is no such VM or instance */
  setMachine(change: z.input<typeof machineChange>): void;
  /** @throws TypeError where no program waits with the code, or there is no such user */
  settleDeviceCode(change: z.input<typeof deviceCodeChange>): void;
  /** Ends every connection, closes every listener, removes the directory. Idempotent. */
  stop(): Promise<void>;
}

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
  for (const { password } of world.users) {
    if (password !== undefined) secrets.add(password);
  }
  const faults = createFaults(stats);
  faults.replace(description.faults, description.seed);
  const controlKey = secrets.add(crypto.getRandomValues(new Uint8Array(24)).toHex());
  const certificates = await createCertificates(new Date());
  const now = () => Date.now() + description.clockOffset * 1000;

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
        now,
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
  const signer = await createTokenSigner();
  const tokens = createAccessTokens({
    world,
    signer,
    authority: endpoint,
    audience: RESOURCE_MANAGER,
    lifetime: () => description.accessTokenLifetime,
    secrets,
    stats,
    now,
  });

  const echo = await opened(openEchoServer());
  const sshCertificates = createSshCertificates(() => description.sshCertificateLifetime);
  const machines: SshMachines = await opened(openSshMachines({
    world,
    directory,
    addressOf,
    authority: sshCertificates.authority,
    now,
    log: options.log,
  }));
  for (const secret of machines.access?.secrets ?? []) secrets.add(secret);

  function addressOf(vm: VirtualMachine, port: number): Address | "filtered" | undefined {
    return portAddress(vm.ports.get(port), {
      echo: { host: "127.0.0.1", port: echo.port },
      ssh: machines.addressOf(vm),
    });
  }

  // Only where the world has identities: a program would take one that is there for its own.
  const managedIdentity = world.managedIdentities.length === 0 ? undefined : await opened(
    openManagedIdentityServer({ world, tokens, secrets, faults, stats, signal, now }),
  );

  const planes = new Map<BastionHostResource, DataPlane>();
  for (const host of world.bastionHosts) {
    planes.set(
      host,
      await opened(openDataPlane({
        host,
        world,
        access: createAccess(world),
        certificates,
        address: "127.0.0.1",
        tokens,
        faults,
        secrets,
        stats,
        addressOf,
        signal,
        now,
        log: options.log,
      })),
    );
  }
  const dnsNameOf = (host: BastionHostResource) => `127.0.0.1:${planes.get(host)?.port ?? 0}`;

  const caFile = `${directory}/ca.pem`;
  const cloudFile = `${directory}/cloud.json`;
  await writePrivate(caFile, certificates.ca);
  await writeCloudFile(cloudFile, { endpoint, caFile });
  const issuing = { world, signer, secrets, authority: endpoint, now };
  const entra = createEntra({ ...issuing, tokens, certificates: sshCertificates });
  await writePrivate(`${directory}/ssh_user_ca.pub`, `${sshCertificates.authority}\n`);
  const workloads = createWorkloadTokens(issuing);
  const changes = createRunTimeChanges(world, entra.directory, entra.devices);
  services.resolve({
    entra,
    workloads,
    arm: createArm({
      world,
      tokens,
      authority: endpoint,
      audience: RESOURCE_MANAGER,
      pageSize: description.pageSize,
      stats,
      dnsNameOf,
    }),
    controls: createControls({ stats, faults, secrets, changes, controlKey }),
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
        ...(managedIdentity ? { imds: managedIdentity.imds } : {}),
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
    ...(managedIdentity ? { managedIdentity } : {}),
    workloadEnvironment: workloads.environment,
    workloadToken: workloads.issue,
    setAccessTokenLifetime: (seconds) => description.accessTokenLifetime = seconds,
    setSshCertificateLifetime: (seconds) => description.sshCertificateLifetime = seconds,
    setUser: (change) => insist(changes.changeUser(change)),
    setApp: (change) => insist(changes.changeApp(change)),
    setMachine: (change) => insist(changes.changeMachine(change)),
    settleDeviceCode: (change) => insist(changes.settleDeviceCode(change)),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function insist(problem: string | undefined): void {
  if (problem !== undefined) throw new TypeError(problem);
}
