import type { MakeError } from "./errors.ts";

/**
 * Host and port of `--listen`.
 * @throws `emulator/listen-not-loopback` for every address but 127.0.0.1
 */
export function parseListenAddress(
  text: string,
  error: MakeError,
): { readonly host: string; readonly port: number } {
  const [, host = "", digits = ""] = /^(127\.0\.0\.1|localhost):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (host === "" || port > 65535) throw error("emulator/listen-not-loopback", { address: text });
  return { host: "127.0.0.1", port };
}
