import assert from "node:assert/strict";
import { isOld } from "./check_client.ts";

Deno.test("isOld: before 8.5, on every platform; what says nothing is not", () => {
  for (
    const [said, old] of [
      ["OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026", false],
      ["OpenSSH_8.5p1, LibreSSL 3.3.6", false],
      ["OpenSSH_10.0p2, OpenSSL 3.5.0", false],
      ["OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2", false],
      ["OpenSSH_8.4p1 Debian-5", true],
      ["OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2", true],
      ["OpenSSH_7.9p1", true],
      ["", false],
      ["dropbear 2022", false],
    ] as const
  ) {
    assert.equal(isOld(said), old, said);
  }
});
