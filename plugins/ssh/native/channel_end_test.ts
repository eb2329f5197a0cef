import assert from "node:assert/strict";
import { type ChannelEnd, channelEnd, reasonOf, spokenLines, warningsOf } from "./channel_end.ts";

Deno.test("channelEnd: what 255 means, by ssh's log", () => {
  const session = "debug1: mux_client_request_session: master session id: 2\n";
  const entered = "debug1: Entering interactive session.\n";
  const request = (type: string) =>
    `${entered}debug1: client_input_channel_req: channel 0 rtype ${type} reply 0\n`;
  const cases: [log: string, shared: boolean, end: ChannelEnd][] = [
    [session, true, "code"],
    [`${session}debug2: Control master terminated unexpectedly\n`, true, "signal-or-lost"],
    ["Session open refused by peer\n", true, "refused"],
    ["Stdio forwarding request failed: Session open refused by peer\n", true, "refused"],
    ["", true, "refused"],
    [request("exit-status"), false, "code"],
    [request("exit-signal"), false, "signal"],
    [`${entered}client_loop: send disconnect: Broken pipe\n`, false, "lost"],
    [`${entered}channel 0: open failed: connect failed: refused\n`, false, "refused"],
    ["ada@web1: Permission denied (publickey).\n", false, "refused"],
    ["", false, "refused"],
  ];
  for (const [log, shared, end] of cases) assert.equal(channelEnd(log, shared), end, log);
});

Deno.test("reasonOf: the lines that tell it, and not what followed from it", () => {
  const cases: [said: string, reason: string][] = [
    ["", "ssh does not say why"],
    ["debug1: x\r\ndebug2: y\n", "ssh does not say why"],
    [
      "debug1: x\r\nConnection closed by remote host.\r\n",
      "Connection closed by remote host",
    ],
    [
      "bastion: The VM web1 is stopped.\n  Start it.\nkex_exchange_identification: Connection closed\n",
      "The VM web1 is stopped. Start it",
    ],
    [
      "Authenticated to web1.\nWarning: Permanently added 'x'.\nTimeout, web1 not responding.\n",
      "Timeout, web1 not responding",
    ],
    ["a\nb\nc\nd\ne\n", "b; c; d; e"],
    ["x".repeat(9000), "x".repeat(500)],
  ];
  for (const [said, reason] of cases) assert.equal(reasonOf(said), reason);
  assert.deepEqual(warningsOf("debug1: x\nWarning: new key\r\nother\n"), ["new key"]);
  assert.deepEqual(spokenLines("debug3: a\r\n b \r\n\r\ndebug is on\n"), ["b", "debug is on"]);
});
