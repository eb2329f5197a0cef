/** The emulator's pages for tests: what it has counted, what it has issued, what it is to break. */

export interface EmulatorApi {
  /** Counters; `GET /_emulator/stats`. */
  stats(): Promise<Readonly<Record<string, number>>>;
  /** Every secret that it has issued; `GET /_emulator/secrets`. */
  secrets(): Promise<string[]>;
  /** Replaces the faults; `POST /_emulator/faults`. */
  setFaults(faults: readonly unknown[]): Promise<void>;
}

/** @param environment the emulator's: its ready event's `environment`, or what `emulator exec` sets */
export function emulatorApi(
  environment: Readonly<Record<string, string | undefined>>,
): EmulatorApi {
  const setting = (name: string): string => {
    const value = environment[name];
    if (value === undefined) throw new Error(`the emulator's environment has no ${name}`);
    return value;
  };
  const endpoint = setting("BASTION_EMULATOR_ENDPOINT");

  async function request(path: string, body?: unknown): Promise<string> {
    using client = Deno.createHttpClient({
      caCerts: [await Deno.readTextFile(setting("REQUESTS_CA_BUNDLE"))],
      http2: false,
    });
    const response = await fetch(new URL(path, endpoint), {
      client,
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${setting("BASTION_EMULATOR_KEY")}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${text}`);
    return text;
  }
  return {
    stats: async () => JSON.parse(await request("/_emulator/stats")) as Record<string, number>,
    secrets: async () => JSON.parse(await request("/_emulator/secrets")) as string[],
    async setFaults(faults) {
      await request("/_emulator/faults", faults);
    },
  };
}
