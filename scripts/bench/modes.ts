/** What the pump does, by the resource port that asks for it. */
export interface Mode {
  readonly port: number;
  /** Sends without end; counts what comes; sends it back. */
  readonly kind: "source" | "sink" | "echo";
  /** Payload bytes of the frames that it sends. */
  readonly serverFrame: number;
}

export const modes = [
  { port: 1, kind: "source", serverFrame: 4 * 1024 },
  { port: 2, kind: "source", serverFrame: 16 * 1024 },
  { port: 3, kind: "source", serverFrame: 1024 * 1024 },
  { port: 4, kind: "sink", serverFrame: 4 * 1024 },
  { port: 5, kind: "echo", serverFrame: 4 * 1024 },
] as const satisfies readonly Mode[];
