import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import type { PluginContext } from "../../../core/mod.ts";
import { createInMemoryVm } from "../../../tests/helpers/in_memory_vm.ts";
import { testSsh2 } from "../../../tests/helpers/test_ssh2.ts";
import { createSshSessions } from "./ssh_sessions.ts";

const hostKey = ssh2.utils.generateKeyPairSync("ed25519").private;

testSsh2(
  [],
  "SshSessions: what fails when a signal ends a session is told to who closes it",
  async () => {
    const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on("error", () => {});
      client.on("authentication", (attempt) => attempt.accept());
    });
    await using vm = await createInMemoryVm({
      serve: (socket: Duplex) => server.injectSocket(socket as never),
    });
    const ending = new AbortController();
    const ctx: PluginContext = {
      ...vm.ctx,
      async openTunnel(request) {
        const tunnel = await vm.ctx.openTunnel(request);
        const stop = tunnel.stop.bind(tunnel);
        return {
          ...tunnel,
          async stop() {
            await stop();
            throw new Error("not stopped well");
          },
        };
      },
    };
    const session = await createSshSessions(ctx).open({
      target: vm.plan.target,
      user: "ada",
      client: "builtin",
      signal: ending.signal,
    });
    ending.abort();
    await assert.rejects(session.close(), { message: "not stopped well" });
    await assert.rejects(session.close(), { message: "not stopped well" });
  },
);
