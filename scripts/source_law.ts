/** What a file may do, judged by its text: sockets, console, arguments, hosts, size. Pure. */

import { blankSource } from "./blank_source.ts";
import type { Offence } from "./import_law.ts";
import { isTest } from "./project_files.ts";

/** A place with leave to do what others may not, and why. */
interface Exception {
  readonly path: string;
  readonly why: string;
}

interface SourceRule {
  readonly pattern: RegExp;
  readonly message: string;
  readonly except: readonly Exception[];
  /** Whether it is about what stands in strings, too. */
  readonly inTexts?: true;
}

const SCRIPTS: Exception = { path: "scripts/", why: "programs of their own, never shipped" };

/** Who may open sockets. Tests and scripts play the rest of the world. */
export const networkExceptions: readonly Exception[] = [
  { path: "core/net/", why: "the door to the network: trust, proxies and redaction are there" },
  { path: "core/tunnel/webtunnel/", why: "a transport: its connection is dialled by core/net" },
  { path: "plugins/ws/", why: "a transport: its connection is dialled by core/net" },
  { path: "plugins/emulator/", why: "the far side of the network, and never a client of it" },
  SCRIPTS,
];

const RULES: readonly SourceRule[] = [
  {
    pattern:
      /(?<![\w$.])(?:Deno\s*\.\s*(?:connect|connectTls|startTls|listen|listenTls|listenDatagram|serve|createHttpClient|upgradeWebSocket)|(?:(?:globalThis|self)\s*\.\s*)?fetch|new\s+(?:WebSocket|WebSocketStream|EventSource))\s*\(/g,
    message: "sockets and fetch are core/net's (and the transports')",
    except: networkExceptions,
  },
  {
    pattern: /(?<![\w$.])Deno\s*\.\s*(?:args|exit)\b/g,
    message: "only cli/main.ts reads Deno.args and calls Deno.exit",
    except: [{ path: "cli/main.ts", why: "the program's one door to its process" }, SCRIPTS],
  },
  {
    pattern: /(?<![\w$.])console\s*\./g,
    message: "nothing is shown but by Output and Logger, which redact",
    except: [SCRIPTS],
  },
  {
    pattern:
      /(?<![\w-])(?:[\w-]+\.)*(?:azure\.(?:com|us|cn|net|de)|microsoftonline\.(?:com|us|cn|de)|windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)(?![\w-])/gi,
    message: "Azure's host names are core/azure/clouds.ts's, so that every cloud works",
    except: [
      { path: "core/azure/clouds.ts", why: "the table of clouds" },
      SCRIPTS,
    ],
    inTexts: true,
  },
];

/** More lines than this need a written reason (a page in docs/decisions that names the file). */
const LONG = 300;
const TOO_LONG = 500;

export interface SourceFindings {
  readonly offences: readonly Offence[];
  readonly warnings: readonly Offence[];
}

/** @param decisions the text of docs/decisions, where long files are accounted for */
export function checkSource(file: string, source: string, decisions = ""): SourceFindings {
  if (isTest(file)) return { offences: [], warnings: [] };
  const offences: Offence[] = [];
  const code = blankSource(source, "comments", "texts");
  const withTexts = blankSource(source, "comments");
  for (const rule of RULES) {
    if (mayPass(file, rule.except)) continue;
    const judged = rule.inTexts ? withTexts : code;
    for (const match of judged.matchAll(rule.pattern)) {
      const found = match[0].replace(/\s*\($/, "");
      offences.push({
        file,
        line: lineOf(judged, match.index),
        message: `${found}: ${rule.message}`,
      });
    }
  }
  const lines = source.split("\n").length - (source.endsWith("\n") ? 1 : 0);
  const size = { file, line: 1, message: `${lines} lines; more than ${TOO_LONG} are never needed` };
  if (lines > TOO_LONG) return { offences: [...offences, size], warnings: [] };
  const warnings = lines > LONG && !decisions.includes(file)
    ? [{
      ...size,
      message: `${lines} lines: should it be two files? If not, docs/decisions says why`,
    }]
    : [];
  return { offences, warnings };
}

/** Whether `file` stands under one of the exceptions. */
export function mayPass(file: string, exceptions: readonly Exception[]): boolean {
  return exceptions.some(({ path }) => path.endsWith("/") ? file.startsWith(path) : file === path);
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
