/**
 * Every fault that the emulator can be told to commit: where, when, and what.
 *
 * A new kind is an entry here and a case where it is applied: `reply_fault.ts` (HTTP answers),
 * `handshake_fault.ts` (the 101) or `stream_fault.ts` (what comes after it).
 */

import { z } from "zod";
import { strictObject } from "./strict_object.ts";

const count = z.int().min(0);
const milliseconds = z.int().min(0).max(3_600_000);

/** When a fault strikes: always, unless one of these says otherwise. */
const when = {
  /** Only at the bastion host of this name. */
  host: z.string().optional(),
  /** Only the nth event (from 1) at this place and host since the list of faults was set. */
  connection: z.union([z.int().min(1), z.array(z.int().min(1))], {
    error: "a number from 1, or a list of them",
  }).optional(),
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

/** Kinds that befall an open WebSocket. */
const streamKinds = [
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
  /** Nothing is read any more, or for `ms`; what goes down still goes. */
  strictObject({ ...stream, kind: z.literal("stall"), ms: milliseconds.optional() }),
] as const;

const replySchema = z.discriminatedUnion("kind", replyKinds(["token", "delete", "arm", "entra"]));
const upgradeSchema = z.discriminatedUnion("kind", [
  ...replyKinds(["upgrade"]),
  ...handshakeKinds,
]);
const streamSchema = z.discriminatedUnion("kind", streamKinds);

/** One fault. `at`: token (POST), delete, arm, entra; upgrade; stream. */
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
export type StreamFault = z.output<typeof streamSchema>;
export type HandshakeFault = z.output<(typeof handshakeKinds)[number]>;
export type UpgradeFault = NotLate<z.output<typeof upgradeSchema>>;
/** What may take the place of an HTTP answer. */
export type ReplyFault =
  | NotLate<z.output<typeof replySchema>>
  | Exclude<UpgradeFault, HandshakeFault>;
