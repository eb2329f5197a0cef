import assert from "node:assert/strict";
import { eventually } from "../../tests/helpers/eventually.ts";
import { createLogger } from "../logger.ts";
import { createPlatform } from "../platform.ts";
import { createManualClock } from "../testing/manual_clock.ts";
import { openLocalPort } from "./local_port.ts";

const doors = {
  platform: createPlatform(Deno.build.os, () => undefined),
  clock: createManualClock(),
  log: createLogger("test", () => {}),
};

Deno.test("openLocalPort: connections that come before it is served wait; closed, it takes none", async () => {
  const port = openLocalPort(0, ["127.0.0.1"], doors);
  using early = await Deno.connect({ hostname: "127.0.0.1", port: port.port });
  let admitted = 0;
  const served = port.serve((connection) => {
    admitted++;
    connection.close();
  });
  assert.equal(await early.read(new Uint8Array(1)), null);
  using late = await Deno.connect({ hostname: "127.0.0.1", port: port.port });
  assert.equal(await late.read(new Uint8Array(1)), null);
  await eventually("both", () => admitted === 2);
  port[Symbol.dispose]();
  port[Symbol.dispose]();
  await served;
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: port.port }));
});

Deno.test("openLocalPort: a port that is taken is an error of its own", () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assert.throws(() => openLocalPort(other.addr.port, ["127.0.0.1"], doors), {
    code: "local-port-taken",
  });
});
