/** Which proxy, if any, a request goes through. Pure: the environment is handed in. */

import { bastionError } from "../errors.ts";
import { Secret } from "../secret.ts";

/** An HTTP proxy that opens ways with CONNECT. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: Secret;
  /** For messages: without credentials. */
  readonly label: string;
}

/** The proxy for a host, or undefined where the way is direct. */
export type ProxyChoice = (host: string, port: number) => Proxy | undefined;

/**
 * Reads HTTPS_PROXY and NO_PROXY (either case; as everywhere, the lower case wins, unless empty).
 * @throws BastionError `proxy-invalid`
 */
export function proxyFromEnvironment(env: (name: string) => string | undefined): ProxyChoice {
  const source = ["https_proxy", "HTTPS_PROXY"].find((name) => env(name));
  const url = source && env(source);
  if (!source || !url) return () => undefined;
  const proxy = parseProxy(source, url);
  const exempt = parseNoProxy(env("no_proxy") || env("NO_PROXY") || "");
  return (host, port) => exempt(host, port) ? undefined : proxy;
}

function parseProxy(source: string, text: string): Proxy {
  const invalid = (problem: string) => bastionError("proxy-invalid", { source, problem });
  // curl and az take "host:port" too.
  const url = URL.parse(/^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`);
  if (!url || !url.hostname) throw invalid("it is not a URL");
  if (url.protocol !== "http:") {
    throw invalid(`${url.protocol}// proxies are not supported, only http://`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? 80 : Number(url.port);
  return {
    host,
    port,
    label: `${url.hostname}:${port}`,
    ...(url.username ? { username: decode(url.username) } : {}),
    ...(url.password ? { password: new Secret(decode(url.password)) } : {}),
  };
}

/** A `%` that encodes nothing stands for itself: passwords are pasted as they are. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/**
 * NO_PROXY: `*`, names (which exempt what is below them too), IP addresses, CIDR blocks of IPv4,
 * with commas or spaces between them; each may end in `:port`.
 */
function parseNoProxy(text: string): (host: string, port: number) => boolean {
  const rules = text.toLowerCase().split(/[\s,]+/).filter(Boolean);
  return (host, port) => {
    const name = host.toLowerCase().replace(/^\[|\]$/g, "").replace(/\.$/, "");
    return rules.some((rule) => {
      if (rule === "*") return true;
      const [, pattern = "", onlyPort] =
        /^(\[[^\]]*\]|[^:]*|.*:.*:[^\]]*?)(?::(\d+))?$/.exec(rule) ?? [];
      if (onlyPort && Number(onlyPort) !== port) return false;
      const bare = pattern.replace(/^\[|\]$/g, "").replace(/^\*?\.|\.$/g, "");
      if (bare === "") return false;
      if (bare.includes("/")) return inBlock(name, bare);
      return name === bare || (!isIpv4(name) && name.endsWith(`.${bare}`));
    });
  };
}

function isIpv4(text: string): boolean {
  return ipv4Number(text) !== undefined;
}

function ipv4Number(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) {
    return undefined;
  }
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

function inBlock(host: string, block: string): boolean {
  const [base = "", bits = ""] = block.split("/");
  const address = ipv4Number(host);
  const network = ipv4Number(base);
  const length = Number(bits);
  if (address === undefined || network === undefined || !/^\d+$/.test(bits) || length > 32) {
    return false;
  }
  const size = 2 ** (32 - length);
  return Math.floor(address / size) === Math.floor(network / size);
}
