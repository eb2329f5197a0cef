import assert from "node:assert/strict";
import { createLogger } from "../../../core/logger.ts";
import type { CommandContext } from "../../../core/mod.ts";
import { openLocalPort } from "../../../core/net/local_port.ts";
import { createPlatform } from "../../../core/platform.ts";
import { createManualClock } from "../../../core/testing/manual_clock.ts";
import { eventually } from "../../../tests/helpers/eventually.ts";
import { freePort } from "../../../tests/helpers/free_port.ts";
import { openLocalForwards } from "./local_forwards.ts";

function context() {
  const said: string[] = [];
  const ctx = {
    log: createLogger("test", ({ level, message }) => said.push(`${level} ${message}`)),
    out: { failure: (error: Error) => said.push(error.message) },
    error: (code: string) => new Error(code),
    listen: (port: number, bind?: readonly string[]) =>
      openLocalPort(port, bind, {
        platform: createPlatform(Deno.build.os, () => undefined),
        clock: createManualClock(),
        log: ctx.log,
      }),
  } as unknown as CommandContext;
  return { ctx, said };
}

Deno.test("local forwards: one that is wrong or taken leaves none of them open", () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = freePort();
  for (const other of ["nonsense", `127.0.0.1:${taken.addr.port}:h:1`]) {
    assert.throws(
      () => openLocalForwards([`127.0.0.1:${port}:h:1`, other], context().ctx),
      /forward-odd|already in use/,
    );
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  }
});

Deno.test("local forwards: who lets other computers in is warned", () => {
  for (const [bind, warned] of [["127.0.0.1", 0], ["localhost", 0], ["*", 1]] as const) {
    const { ctx, said } = context();
    openLocalForwards([`${bind}:${freePort()}:h:1`], ctx)[Symbol.dispose]();
    assert.equal(said.length, warned, bind);
  }
});

Deno.test("local forwards: a connection that cannot be made is said, and closed; the next is made", async () => {
  const port = freePort();
  const { ctx, said } = context();
  const forwards = openLocalForwards([`127.0.0.1:${port}:db:5432`], ctx);
  using first = await Deno.connect({ hostname: "127.0.0.1", port });
  const asked: string[] = [];
  const served = forwards.serve({
    forward(host, hostPort) {
      asked.push(`${host}:${hostPort}`);
      if (asked.length === 1) return Promise.reject(new Error("refused"));
      return Promise.resolve({
        read: () => Promise.resolve(null),
        write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
        closeWrite: () => Promise.resolve(),
        close: () => void asked.push("closed"),
      });
    },
  });
  assert.equal(await first.read(new Uint8Array(1)), null);
  const second = await Deno.connect({ hostname: "127.0.0.1", port });
  assert.equal(await second.read(new Uint8Array(1)), null, "the far side's end");
  forwards[Symbol.dispose]();
  assert.equal(asked.includes("closed"), false, "what is open goes on");
  second.close();
  await served;
  await eventually("its end", () => asked.includes("closed"));
  assert.deepEqual([asked.slice(0, 2), said], [["db:5432", "db:5432"], ["refused"]]);
});
