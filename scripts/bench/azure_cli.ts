/** Microsoft's Azure CLI beside us, both at the emulator: how soon each of them answers. */

import type { RunningEmulator } from "../../plugins/emulator/emulator.ts";
import { firstOutput } from "./first_output.ts";

const CLOUD = "Emulator";

/** What az needs in its environment, with `directory` for its configuration. */
export function azureCliEnvironment(
  emulator: Pick<RunningEmulator, "caFile">,
  directory: string,
): Readonly<Record<string, string>> {
  return {
    AZURE_CONFIG_DIR: directory,
    AZURE_CORE_COLLECT_TELEMETRY: "no",
    AZURE_CORE_INSTANCE_DISCOVERY: "false",
    AZURE_CORE_NO_COLOR: "yes",
    // It would be fetched from the internet.
    AZURE_EXTENSION_USE_DYNAMIC_INSTALL: "no",
    REQUESTS_CA_BUNDLE: emulator.caFile,
  };
}

/** The words after `az` that make the emulator its cloud; AD FS is the kind that takes an address of any host. */
export function azureCliCloud({ endpoint }: Pick<RunningEmulator, "endpoint">): string[][] {
  return [
    [
      ...["cloud", "register", "--name", CLOUD],
      ...["--endpoint-resource-manager", endpoint, "--endpoint-management", endpoint],
      ...["--endpoint-active-directory", `${endpoint}/adfs`],
      ...["--endpoint-active-directory-resource-id", "https://management.emulator.test"],
      ...["--endpoint-active-directory-graph-resource-id", "https://graph.emulator.test"],
    ],
    ["cloud", "set", "--name", CLOUD],
  ];
}

export interface AzureCliRace extends AsyncDisposable {
  /** From the start of `az account show` to its end, in ms. */
  showAccount(): Promise<number>;
  /** From the start of our program to its "listening", by az's cache and nothing else, in ms. */
  listen(program: readonly [string, ...string[]], state: string): Promise<number>;
}

/** Undefined where az is not installed. */
export async function startAzureCliRace(directory: string): Promise<AzureCliRace | undefined> {
  if (!await hasAz()) return undefined;
  const { startEmulator } = await import("../../plugins/emulator/emulator.ts");
  await using stack = new AsyncDisposableStack();
  const emulator = stack.use(await startEmulator());
  const [principal] = emulator.world.servicePrincipals;
  const [vm] = emulator.world.virtualMachines;
  if (!principal || !vm) throw new Error("the emulator's demo world is empty");
  const { AZURE_CLIENT_SECRET = "", NO_PROXY = "" } = emulator.environment;
  const env = {
    ...azureCliEnvironment(emulator, `${directory}/azure-cli`),
    NO_PROXY,
    no_proxy: NO_PROXY,
  };

  async function az(...args: readonly string[]): Promise<number> {
    const started = performance.now();
    const child = new Deno.Command("az", { args: [...args], env, stdin: "null" });
    const { code, stderr } = await child.output();
    if (code !== 0) throw new Error(`az ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return performance.now() - started;
  }

  for (const words of azureCliCloud(emulator)) await az(...words);
  const login = ["login", "--service-principal", "--tenant", "adfs"];
  await az(...login, "-u", principal.clientId, "-p", AZURE_CLIENT_SECRET);

  const owned = stack.move();
  return {
    showAccount: () => az("account", "show"),
    async listen(command, state) {
      const words = ["tunnel", "-n", "demo-bastion", "-g", "demo-rg", "--json"]
        .concat("--target-resource-id", vm.id, "--resource-port", "7");
      const { ms, bytes } = await firstOutput([...command, ...words], {
        ...env,
        BASTION_CLOUD_FILE: emulator.cloudFile,
        AZURE_TENANT_ID: "",
        AZURE_CLIENT_ID: "",
        AZURE_CLIENT_SECRET: "",
        XDG_STATE_HOME: state,
      });
      const said = new TextDecoder().decode(bytes);
      if (!said.includes('"listening"')) throw new Error(`bastion tunnel said: ${said}`);
      return ms;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function hasAz(): Promise<boolean> {
  try {
    return (await new Deno.Command("az", { args: ["--version"], stdout: "null", stderr: "null" })
      .output()).success;
  } catch {
    return false;
  }
}
