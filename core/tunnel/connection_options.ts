/** The options by which commands that open connections say how. Pure. */

import type { Option, OptionValues, TargetUse } from "../plugin/plugin.ts";
import type { TunnelRequest } from "./tunnel_request.ts";

/** How the bytes of a connection travel; see {@linkcode TunnelRequest}. */
export type ConnectionSettings = Pick<
  TunnelRequest,
  "frameSize" | "pingInterval" | "halfCloseGrace" | "transport"
>;

/** None where the command opens no connections itself. */
export function connectionOptions({ connects }: TargetUse): readonly Option[] {
  if (connects === undefined) return [];
  return [
    {
      name: "frame-size",
      type: "integer",
      placeholder: "BYTES",
      min: 128,
      max: 65536,
      default: 4096,
      summary: "Largest WebSocket frame that is sent",
    },
    {
      name: "ping-interval",
      type: "duration",
      placeholder: "TIME",
      default: 30_000,
      summary:
        "Ping after so long without a byte; a service that answers pings is given up after three times as long; 0 for never",
    },
    {
      name: "half-close-grace",
      type: "duration",
      placeholder: "TIME",
      default: connects.halfCloseGrace ?? 10_000,
      summary: "Wait so long for more once the local program has ended its side",
    },
    {
      name: "transport",
      type: "choice",
      placeholder: "NAME",
      choices: { from: "transports" },
      default: "webtunnel",
      summary: "What carries the bytes",
    },
  ];
}

/** What the options of {@linkcode connectionOptions} come to. */
export function readConnectionSettings(options: OptionValues): ConnectionSettings {
  const {
    "frame-size": frameSize,
    "ping-interval": pingInterval,
    "half-close-grace": halfCloseGrace,
    transport,
  } = options;
  return {
    ...(typeof frameSize === "number" ? { frameSize } : {}),
    ...(typeof pingInterval === "number" ? { pingInterval } : {}),
    ...(typeof halfCloseGrace === "number" ? { halfCloseGrace } : {}),
    ...(typeof transport === "string" ? { transport } : {}),
  };
}
