/** What `bastion doctor` says where nothing is wrong, or much; and how it says it. */

import assert from "node:assert/strict";
import { connectProxy } from "../helpers/connect_proxy.ts";
import { CHECKS, type Finding, withDoctor } from "../helpers/doctor.ts";
import { CLIENT_SECRET, withAzure } from "../helpers/emulated_azure.ts";
import { inspectingProxy } from "../helpers/inspecting_proxy.ts";
import { assertNoLeaks } from "../helpers/leak_check.ts";
import { testCertificate } from "../helpers/test_certificate.ts";

const APP = "0e0e0e0e-0000-4000-8000-0000000000c1";

Deno.test("doctor finds nothing wrong where nothing is, and leaves no session behind", () =>
  withDoctor({}, async (diagnose, azure) => {
    const { code, report, check } = await diagnose();
    assert.equal(code, 0);
    assert.deepEqual(
      report.checks.filter(({ status }) => status !== "ok"),
      [],
    );
    assert.deepEqual(report.checks.map(({ name }) => name), CHECKS.target);
    assert.match(check("port").found, /SSH-2\.0-/);
    assert.match(check("credential").found, new RegExp(APP));
    assert.match(check("arm-tls").found, /Bastion emulator CA, the cloud's own CA/);
    assert.match(report.program["version"] ?? "", /^\d+\./);
    const { sessionsIssued, outstandingSessions } = azure.emulator.stats();
    assert.deepEqual({ sessionsIssued, outstandingSessions }, {
      sessionsIssued: 1,
      outstandingSessions: 0,
    });
  }));

Deno.test("nothing is wrong by address, on an instance of a scale set, by a Developer host", () =>
  withDoctor({
    bastionHosts: [
      { name: "hub", resourceGroup: "net", enableTunneling: true, enableIpConnect: true },
      { name: "dev", resourceGroup: "net", sku: "Developer" },
    ],
    world: {
      scaleSets: [{
        name: "set",
        resourceGroup: "app",
        instances: [{ privateIp: "10.1.1.4", ports: { "22": "ssh" } }],
      }],
    },
  }, async (diagnose) => {
    const ways = [
      [["10.1.0.4", "--bastion", "net/hub"], [
        "reader-vm",
        "reader-nic",
        "reader-vnet",
        "vm-power",
      ]],
      [["app/set/0", "--bastion", "net/hub"], []],
      [["web1", "--bastion", "net/dev"], []],
    ] as const;
    for (const [words, unknown] of ways) {
      const { code, report } = await diagnose(words);
      const others = report.checks.filter(({ status }) => status !== "ok");
      assert.deepEqual(others.map(({ name }) => name), unknown, JSON.stringify(others));
      assert.ok(others.every(({ status }) => status === "skipped"));
      assert.equal(code, 0);
    }
  }));

Deno.test("without a target the way to Azure is checked, and no session is opened", () =>
  withDoctor({}, async (diagnose, azure) => {
    const { code, report } = await diagnose([]);
    assert.equal(code, 0);
    assert.deepEqual(report.checks.map(({ name }) => name), CHECKS.nothing);
    assert.equal(azure.emulator.stats().tokenPosts, 0);
  }));

Deno.test("a host without a target: the way to it is checked, and no session is opened", () =>
  withDoctor({}, async (diagnose, azure) => {
    for (const words of [["--bastion", "hub"], ["-n", "hub", "-g", "net"]]) {
      const { code, report, check } = await diagnose(words);
      assert.equal(code, 0);
      assert.deepEqual(report.checks.map(({ name }) => name), CHECKS.host);
      assert.ok(report.checks.every(({ status }) => status === "ok"), JSON.stringify(report));
      assert.match(check("bastion-host").found, /^net\/hub: Standard, native client on/);
    }
    assert.equal(azure.emulator.stats().tokenPosts, 0);
  }));

Deno.test("a subscription without a target is looked for", () =>
  withDoctor({}, async (diagnose) => {
    const { code, report, check } = await diagnose(["--subscription", "nowhere"]);
    assert.equal(code, 6);
    assert.deepEqual(report.checks.map(({ name }) => name), CHECKS.nothing);
    assert.equal(check("subscription").code, "subscription-not-found");
  }));

Deno.test("a server that lets its client speak first is no failure", () =>
  withDoctor({}, async (diagnose) => {
    const { code, check } = await diagnose(["web1", "--resource-port", "7", "--timeout", "4s"]);
    assert.equal(code, 0);
    assert.match(check("port").found, /open, and nothing was said/);
  }));

Deno.test("a Resource Manager that never answers costs each check its time, and no more", () =>
  withDoctor({ faults: [{ at: "arm", kind: "silence" }] }, async (diagnose) => {
    const { code, report, check } = await diagnose(["web1", "--timeout", "3s"]);
    assert.equal(code, 8);
    assert.equal(check("clock").status, "ok", "Entra tells the time as well");
    for (const name of ["tenant", "subscription", "target"]) {
      assert.equal(check(name).code, "check-timeout", name);
      assert.match(check(name).found, /within 3 s/);
    }
    const causes = report.checks.filter(({ status }) => status === "skipped")
      .map(({ name, because }) => [name, because]);
    assert.ok(causes.length > 8);
    for (const [name, because] of causes) {
      if (name !== "pim") assert.deepEqual(because, ["target"], String(name));
    }
  }));

Deno.test("a network that inspects TLS is named, with who trusts it and by what proxy", async () => {
  const certificate = await testCertificate();
  await withDoctor({}, async (diagnose, azure) => {
    await using proxy = inspectingProxy({
      certificates: [certificate],
      farCa: azure.emulator.ca,
    });
    const ca = azure.file("inspection.pem");
    await Deno.writeTextFile(ca, certificate.ca);
    const env = {
      HTTPS_PROXY: `http://ada:hunter22@${proxy.host}`,
      NO_PROXY: "",
      no_proxy: "",
    };
    azure.addSecret("hunter22");
    const { code, check } = await diagnose(["web1", "--ca-file", ca], env);
    assert.equal(code, 0);
    assert.match(
      check("proxy").found,
      new RegExp(`^${proxy.host} from HTTPS_PROXY, with a sign-in`),
    );
    for (const name of ["entra-tls", "arm-tls", "host-tls"]) {
      assert.equal(check(name).status, "warn");
      assert.match(check(name).found, /issued by Test CA.*inspection\.pem \(--ca-file\)/);
      assert.match(check(name).remedy ?? "", /reads along/);
    }
  });
});

Deno.test("behind a proxy names are the proxy's to look up", async () => {
  await withDoctor({}, async (diagnose, azure) => {
    const { port } = new URL(azure.emulator.endpoint);
    await using proxy = connectProxy({ leadsTo: () => Number(port) });
    const { check } = await diagnose([], {
      HTTPS_PROXY: `http://localhost:${proxy.port}`,
      NO_PROXY: "",
      no_proxy: "",
    });
    assert.match(check("arm-dns").found, /is looked up by the proxy; localhost is .*127\.0\.0\.1/);
    assert.match(check("arm-tcp").found, new RegExp(`through the proxy localhost:${proxy.port}`));
  });
});

Deno.test("people read a line a check, with the remedy under it; the bundle holds no secret", () =>
  withAzure({ ports: {} }, async (azure) => {
    const file = azure.file("bundle.json");
    const words = ["doctor", "web1", "--bundle", file];
    const process = await azure.start(words, { debug: false, env: { USER: "adalovelace" } });
    assert.equal((await process.exit()).code, 9);
    const said = process.stdout();
    assert.match(said, /^ok {7}Program {2,}bastion \d/m);
    assert.match(
      said,
      /^fail {5}Target's port {2,}app\/web1:22 refuses.*\n {7} {2}→ Nothing listens/m,
    );
    assert.match(said, /^1 failed, 0 with a warning, 0 skipped, 31 ok\.$/m);
    assert.match(process.stderr(), /without secrets, is in .*bundle\.json/);

    const text = await Deno.readTextFile(file);
    const bundle = JSON.parse(text);
    assert.deepEqual(bundle.checks.map(({ name }: Finding) => name), CHECKS.target);
    assert.ok(bundle.log.length > 5);
    assert.ok(bundle.config.settings.some(({ path }: { path: string }) => /timeout/.test(path)));
    assertNoLeaks({ bundle: text }, [...azure.emulator.secrets(), CLIENT_SECRET]);
    assert.ok(!text.includes("adalovelace"));
    if (Deno.build.os !== "windows") assert.equal((await Deno.stat(file)).mode ?? 0, 0o100600);

    const again = await azure.start(words);
    assert.equal((await again.exit()).code, 3);
    assert.match(again.stderr(), /bundle\.json cannot be written: there is a file of that name/);
    assert.equal(await Deno.readTextFile(file), text);
  }));

Deno.test("no time for any check is a usage error, and nothing is asked", () =>
  withAzure({}, async (azure) => {
    const process = await azure.start(["doctor", "web1", "--timeout", "0"], { debug: false });
    assert.equal((await process.exit()).code, 2);
    assert.match(process.stderr(), /nothing can be checked.*\n.*--timeout/);
    assert.equal(azure.emulator.stats().accessTokensIssued, 0);
  }));

Deno.test("Ctrl-C ends it at once, and ends the session", () =>
  withDoctor({ faults: [{ at: "stream", kind: "silence" }] }, async (_diagnose, azure) => {
    const process = await azure.start(["doctor", "web1", "--timeout", "60s"], { debug: false });
    await process.output("stdout", /WebSocket/);
    process.signal("SIGINT");
    assert.equal((await process.exit()).code, 130);
    assert.equal(azure.emulator.stats().outstandingSessions, 0);
  }));
