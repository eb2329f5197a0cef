/**
 * Every fault that the emulator can be told to commit: where, when, and what.
 *
 * A new kind is an entry here and a case where it is applied: `reply_fault.ts` (HTTP answers),
 * `handshake_fault.ts` (the 101), `stream_fault.ts` (what breaks an open WebSocket),
 * `down_sender.ts` (odd frames) or `web_tunnel.ts` (pace).
 */

import { z } from "zod";
import { strictObject } from "./strict_object.ts";

const count = z.int().min(0);
const size = z.int().min(1);
const MIB = 1024 ** 2;
const milliseconds = z.int().min(0).max(3_600_000);

/** When a fault strikes: always, unless one of these says otherwise. */
const when = {
  /** Only at the bastion host of this name. */
  host: z.string().optional(),
  /** Only the nth event (from 1) at this place and host since the list of faults was set. */
  connection: z.union([z.int().min(1), z.array(z.int().min(1))], {
    error: "a number from 1, or a list of them",
  }).optional(),
  /** Only requests whose path has this text in it, whatever the case: `Microsoft.ResourceGraph`. */
  path: z.string().min(1).optional(),
  /** Only so often, from 0 to 1; `seed` makes it repeatable. */
  probability: z.number().min(0).max(1).optional(),
};

/** Kinds that take the place of an HTTP answer. */
function replyKinds<const Place extends readonly [string, ...string[]]>(places: Place) {
  const where = { at: z.enum(places), ...when };
  return [
    strictObject({
      ...where,
      kind: z.literal("status"),
      status: z.int().min(200).max(599),
      /** Seconds, for the header Retry-After. */
      retryAfter: count.optional(),
      body: z.enum(["json", "html", "empty"]).default("json"),
      message: z.string().default("The emulator was told to fail here."),
    }),
    /** 200 with a body that is no JSON, as a captive portal gives. */
    strictObject({ ...where, kind: z.literal("not-json") }),
    /** A body that ends, with the connection, before the length that its head declares. */
    strictObject({
      ...where,
      kind: z.literal("truncated"),
      status: z.int().min(200).max(599).default(200),
    }),
    /** A body of so many bytes, sent as fast as the client takes it. */
    strictObject({
      ...where,
      kind: z.literal("huge-body"),
      status: z.int().min(200).max(599).default(200),
      bytes: size.default(100 * MIB),
    }),
    /** The answer comes later; other faults may come on top. */
    strictObject({ ...where, kind: z.literal("latency"), ms: milliseconds }),
    /** No answer, ever; the connection stays open. */
    strictObject({ ...where, kind: z.literal("silence") }),
    /** No answer, and the connection ends. */
    strictObject({ ...where, kind: z.literal("fin") }),
    strictObject({ ...where, kind: z.literal("rst") }),
  ] as const;
}

const upgradeOnly = { at: z.literal("upgrade"), ...when };

/** Kinds that spoil the WebSocket's handshake. */
const handshakeKinds = [
  /** A 101 in order, then an HTTP answer where frames are due, and the end. */
  strictObject({ ...upgradeOnly, kind: z.literal("101-then-400") }),
  /** Neither Upgrade nor Connection. */
  strictObject({ ...upgradeOnly, kind: z.literal("101-without-headers") }),
  strictObject({ ...upgradeOnly, kind: z.literal("101-wrong-accept") }),
  /** `Connection: Upgrade, Keep-Alive`; in order, and clients must take it. */
  strictObject({ ...upgradeOnly, kind: z.literal("101-keep-alive") }),
] as const;

const stream = {
  at: z.literal("stream"),
  ...when,
  /** Strikes once exactly so many payload bytes have been relayed, and none beyond. */
  afterBytes: count.default(0),
  /** Which way those are counted. */
  direction: z.enum(["up", "down"]).default("down"),
};

/** Kinds that end what an open WebSocket is good for. */
const breakKinds = [
  /** The TCP connection ends in order, with TLS's goodbye (close_notify) or without. */
  strictObject({ ...stream, kind: z.literal("fin"), closeNotify: z.boolean().default(true) }),
  /** TCP's reset; it takes along what is still on its way. */
  strictObject({ ...stream, kind: z.literal("rst") }),
  /** The last frame's header promises more than comes before the end. */
  strictObject({ ...stream, kind: z.literal("mid-frame") }),
  strictObject({
    ...stream,
    kind: z.literal("close"),
    code: z.int().refine(
      (code) =>
        (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
        (code >= 3000 && code <= 4999),
      "a close code that may be sent: 1000–1003, 1007–1014, 3000–4999",
    ),
    reason: z.string().max(120).default(""),
  }),
  /** A message without payload, which the real service uses as an end; then nothing more. */
  strictObject({ ...stream, kind: z.literal("empty-message") }),
  /** Nothing is sent or answered any more; what comes is swallowed. */
  strictObject({ ...stream, kind: z.literal("silence") }),
  /** A frame with RSV1 set, as if compression had been agreed on; then nothing more. */
  strictObject({ ...stream, kind: z.literal("rsv1") }),
  /** A frame that declares 2^62 bytes of payload; then nothing more. */
  strictObject({ ...stream, kind: z.literal("impossible-length") }),
] as const;

/** Kinds of frames in which the payload may come down from then on; no byte is lost. */
const frameKinds = [
  /** Text messages, whatever the bytes are. */
  strictObject({ ...stream, kind: z.literal("text") }),
  /** Messages of several frames, each with so much payload. */
  strictObject({ ...stream, kind: z.literal("fragments"), bytes: size.default(1000) }),
  /** Lengths in eight bytes, where fewer would do. */
  strictObject({ ...stream, kind: z.literal("long-lengths") }),
  /** What comes is held until it fills a message of so many bytes, or the target ends. */
  strictObject({ ...stream, kind: z.literal("giant-message"), bytes: size.default(64 * MIB) }),
] as const;

/** Kinds that take time, and lose nothing. */
const paceKinds = [
  /** Nothing is read any more, or for `ms`; what goes down still goes. */
  strictObject({ ...stream, kind: z.literal("stall"), ms: milliseconds.optional() }),
  /** So many bytes in each `ms`, in `direction`: a slow writer (down) or reader (up). */
  strictObject({
    ...stream,
    kind: z.literal("slow"),
    bytes: size,
    ms: z.int().min(1).max(3_600_000).default(1000),
  }),
] as const;

/** Every byte comes so much later, both ways; other faults may come on top. */
const streamLatency = strictObject({
  at: stream.at,
  ...when,
  kind: z.literal("latency"),
  ms: milliseconds,
});

const replySchema = z.discriminatedUnion(
  "kind",
  replyKinds(["token", "delete", "connection", "arm", "entra", "imds"]),
);
const upgradeSchema = z.discriminatedUnion("kind", [
  ...replyKinds(["upgrade"]),
  ...handshakeKinds,
]);
const streamSchema = z.discriminatedUnion("kind", [
  ...breakKinds,
  ...frameKinds,
  ...paceKinds,
  streamLatency,
]);

/** One fault. `at`: token (POST), delete, connection, arm, entra, imds; upgrade; stream. */
export const faultSchema = z.discriminatedUnion("at", [replySchema, upgradeSchema, streamSchema]);

/** What `POST /_emulator/faults` takes: the list, or an object with the list and a seed. */
export const faultListSchema = z.preprocess(
  (value) => Array.isArray(value) ? { faults: value } : value,
  strictObject({ faults: z.array(faultSchema), seed: z.int().optional() }),
);

export type Fault = z.output<typeof faultSchema>;
export type FaultInput = z.input<typeof faultSchema>;
export type FaultPlace = Fault["at"];

/** Latency is told apart from the rest: it delays, and something else may happen as well. */
type NotLate<AnyFault> = Exclude<AnyFault, { kind: "latency" }>;
export type StreamFault = NotLate<z.output<typeof streamSchema>>;
export type BreakFault = z.output<(typeof breakKinds)[number]>;
export type FrameFault = z.output<(typeof frameKinds)[number]>;
export type HandshakeFault = z.output<(typeof handshakeKinds)[number]>;
export type UpgradeFault = NotLate<z.output<typeof upgradeSchema>>;
/** What may take the place of an HTTP answer. */
export type ReplyFault =
  | NotLate<z.output<typeof replySchema>>
  | Exclude<UpgradeFault, HandshakeFault>;
