/** Which certificates are believed: the system's store (set up by `cli/main.ts`) and these. */

import { bastionError, messageOf } from "../errors.ts";
import { readSmallText } from "../read_small_text.ts";

/** A place that named a file of CA certificates. */
export interface CaSource {
  /** What the user would look for: `--ca-file`, `SSL_CERT_FILE`, the cloud's name, … */
  readonly source: string;
  readonly file: string;
}

export interface Trust {
  /** PEM texts, one file each, in addition to the system's store. */
  readonly caCerts: readonly string[];
  readonly sources: readonly CaSource[];
}

/** The variables that other programs' users already have set for an inspected network. */
const CA_VARIABLES = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] as const;

/** In bytes; a whole system's bundle has about 200 KiB. */
const MAX_FILE = 16 * 1024 * 1024;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/;

/**
 * Reads every CA file that `given` and the environment name. One that cannot be used is an error,
 * since going on without it ends in a TLS error that nobody connects with a misspelt path.
 * @throws BastionError `ca-file-invalid`
 */
export async function loadTrust(
  given: readonly CaSource[],
  env: (name: string) => string | undefined,
): Promise<Trust> {
  const sources = [...given];
  for (const name of CA_VARIABLES) {
    const file = env(name);
    // Often all of them name one bundle, which is parsed for every connection.
    if (file && !sources.some((known) => known.file === file)) sources.push({ source: name, file });
  }
  const caCerts: string[] = [];
  for (const { source, file } of sources) {
    let text: string;
    try {
      text = await readSmallText(file, MAX_FILE);
    } catch (error) {
      throw bastionError("ca-file-invalid", { file, source, problem: messageOf(error) }, error);
    }
    if (!CERTIFICATE.test(text)) {
      throw bastionError("ca-file-invalid", { file, source, problem: "no PEM certificate in it" });
    }
    try {
      // Who will use the certificates says whether they can be used.
      Deno.createHttpClient({ caCerts: [text] }).close();
    } catch (error) {
      const problem = `a certificate in it is damaged (${messageOf(error)})`;
      throw bastionError("ca-file-invalid", { file, source, problem }, error);
    }
    caCerts.push(text);
  }
  return { caCerts, sources };
}
