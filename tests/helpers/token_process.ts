/**
 * One run of the program, as far as its credential goes, for tests of many runs at once: waits for a
 * line on stdin, asks for a token by the chain, and prints it. Arguments: authority, CA file.
 */

import { builtInCredentials } from "../../core/auth/azure/built_in_credentials.ts";
import { chooseCredential } from "../../core/auth/azure/chain.ts";
import { systemClock } from "../../core/clock.ts";
import { createLogger } from "../../core/logger.ts";
import { createHttpClient } from "../../core/net/http_client.ts";
import { createPlatform } from "../../core/platform.ts";

const [authority = "", caFile = ""] = Deno.args;
const env = (name: string) => Deno.env.get(name);
const ca = await Deno.readTextFile(caFile);
const credential = await chooseCredential(builtInCredentials, {
  cloud: { name: "Test", resourceManager: "https://management.example", authority, audience: "" },
  http: createHttpClient({ caCerts: [ca], sources: [] }, () => undefined),
  log: createLogger("test", ({ level, message, fields }) => {
    if (level !== "info" && level !== "debug") console.error(message, fields);
  }),
  clock: systemClock,
  platform: createPlatform(Deno.build.os, env),
  memoryOnly: false,
  env,
}, systemClock);
console.log("ready");
await Deno.stdin.read(new Uint8Array(16));
console.log((await credential.getToken("https://management.example/.default")).token.reveal());
Deno.exit(0);
