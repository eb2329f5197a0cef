/** A real RDP server on a free loopback port, and a screen that nobody sees for its clients. */

import { startInBackground } from "./background_process.ts";
import { eventually } from "./eventually.ts";
import { findProgram } from "./find_program.ts";
import { freePort } from "./free_port.ts";
import { runSuccessfully } from "./run.ts";
import { tempDir } from "./temp_dir.ts";

export interface Xrdp extends AsyncDisposable {
  readonly port: number;
  /** The server's log so far. */
  log(): Promise<string>;
}

/** Programs that a test with this server, and {@linkcode startScreen}, needs. */
export const rdpPrograms = ["xrdp", "xfreerdp", "Xvfb", "openssl"] as const;

/** It takes any user to a desktop that is not there: enough for TLS, sign-in and channels. */
export async function startXrdp(): Promise<Xrdp> {
  const program = findProgram("xrdp");
  if (program === undefined) throw new Error("xrdp is not installed");
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const [key, certificate, logFile] = ["key.pem", "cert.pem", "xrdp.log"].map((name) =>
    directory.file(name)
  ) as [string, string, string];
  await runSuccessfully([
    ...["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"] as const,
    ...["-subj", "/CN=bastion-test", "-keyout", key, "-out", certificate],
  ]);
  const port = freePort();
  const config = directory.file("xrdp.ini");
  await Deno.writeTextFile(
    config,
    `[Globals]
ini_version=1
fork=true
port=tcp://127.0.0.1:${port}
security_layer=tls
certificate=${certificate}
key_file=${key}
ssl_protocols=TLSv1.2, TLSv1.3
allow_channels=true

[Logging]
LogFile=${logFile}
LogLevel=INFO
EnableSyslog=false

[Channels]

[nowhere]
name=nowhere
lib=libvnc.so
username=ask
password=ask
ip=127.0.0.1
port=1
`,
  );
  stack.use(startInBackground([program, "--nodaemon", "--config", config]));
  const log = () => Deno.readTextFile(logFile).catch(() => "");
  await eventually("xrdp to listen", async () => /listening to port/.test(await log()), {
    within: 30_000,
  });
  const owned = stack.move();
  return { port, log, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** @returns what DISPLAY is to be */
export async function startScreen(): Promise<{ readonly display: string } & AsyncDisposable> {
  const program = findProgram("Xvfb");
  if (program === undefined) throw new Error("Xvfb is not installed");
  await using stack = new AsyncDisposableStack();
  const server = stack.use(
    startInBackground([
      program,
      "-displayfd",
      "1",
      "-nolisten",
      "tcp",
      "-screen",
      "0",
      "640x480x24",
    ]),
  );
  const [, number] = await server.output("stdout", /^(\d+)\n/);
  const owned = stack.move();
  return { display: `:${number}`, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
