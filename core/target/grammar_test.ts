import assert from "node:assert/strict";
import fc from "fast-check";
import { isBastionError } from "../errors.ts";
import {
  type NameReading,
  parseHostName,
  parseTargetWord,
  readResourceId,
  splitUser,
} from "./grammar.ts";

const VM = "/subscriptions/s/resourceGroups/app/providers/Microsoft.Compute/virtualMachines/web1";
const HOST = "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/bastionHosts/hub";

Deno.test("parseTargetWord: ids and addresses", () => {
  const cases: [word: string, meant: string][] = [
    [VM, VM],
    [`${VM}/`, VM],
    [VM.slice(1), VM],
    [VM.toUpperCase(), VM.toUpperCase()],
    ["10.1.0.4", "10.1.0.4"],
    ["192.168.255.255", "192.168.255.255"],
    // Networks may stand on addresses that are public elsewhere.
    ["20.1.2.3", "20.1.2.3"],
  ];
  for (const [word, meant] of cases) {
    const parsed = parseTargetWord(word);
    const said = parsed.kind === "id" ? parsed.id.id : parsed.kind === "ip" ? parsed.address : "";
    assert.equal(said, meant, word);
  }
});

Deno.test("parseTargetWord: how a name may be read", () => {
  const cases: [word: string, readings: NameReading[]][] = [
    ["web1", [{ name: "web1" }]],
    ["3", [{ name: "3" }]],
    ["grün.(a)_b-c", [{ name: "grün.(a)_b-c" }]],
    ["app/web1", [{ group: "app", name: "web1" }, { name: "app/web1" }]],
    ["set/3", [{ group: "set", name: "3" }, { name: "set/3" }]],
    ["app/set/3", [{ group: "app", name: "set/3" }]],
    // An alias or a plugin may still know these.
    ["a/b/c/d", []],
    ["role=web", []],
    ["web1:22", []],
    ["a//b", []],
    ["../web1", []],
    ["..", []],
  ];
  for (const [word, readings] of cases) {
    assert.deepEqual(parseTargetWord(word), { kind: "name", word, readings });
  }
});

Deno.test("parseTargetWord: what cannot be meant, and what helps", () => {
  const cases: [word: string, message: RegExp, hint?: RegExp][] = [
    ["", /TARGET is empty/],
    ["-web1", /begins with a hyphen/],
    ["web 1", /a space or a control character/],
    ["web1\n", /a space or a control character/],
    ["we\u001bb1", /"we\\u001bb1" has a space or a control character/],
    ["web\u202e1", /a space or a control character/],
    ["x".repeat(2_001), /2001 characters long/],
    ["/web1", /"\/web1" is not a resource id/, /JSON view/],
    [`${VM}/extensions`, /is not a resource id/],
    [HOST, /is a bastion host's/, /by --bastion/],
    ["https://portal.azure.com/#resource/x", /is a URL/],
    ["ssh://web1", /is a URL/],
    ["::1", /is an IPv6 address/, /private IPv4/],
    ["[::1]", /is an IPv6 address/],
    ["[fe80::1]:22", /is an IPv6 address/],
    ["fe80::1%eth0", /is an IPv6 address/],
    ["::ffff:10.0.0.1", /is an IPv6 address/],
    ["10.1.0.256", /is not an IPv4 address/, /four numbers/],
    ["10.1.0", /is not an IPv4 address/],
    ["010.1.0.4", /is not an IPv4 address/],
    ["10.1.0.4.", /is not an IPv4 address/],
    ["1.2.3.4.5", /is not an IPv4 address/],
    ["10.1.0.4:2222", /more than an address/, /10\.1\.0\.4 --resource-port 2222/],
    ["10.1.0.0/24", /more than an address/, /Give one address: 10\.1\.0\.0/],
    ["0.0.0.0", /no VM can have/],
    ["127.0.0.1", /no VM can have/],
    ["169.254.169.254", /no VM can have/],
    ["224.0.0.1", /no VM can have/],
    ["255.255.255.255", /no VM can have/],
  ];
  for (const [word, message, hint = /./] of cases) {
    assert.throws(() => parseTargetWord(word), { code: "usage", message, hint }, word);
  }
});

Deno.test("splitUser: at the last @, and never in an id", () => {
  const cases: [given: string, user: string | undefined, word: string][] = [
    ["web1", undefined, "web1"],
    ["ann@web1", "ann", "web1"],
    ["ann@corp.example@app/web1", "ann@corp.example", "app/web1"],
    ["CORP\\ann@10.1.0.4", "CORP\\ann", "10.1.0.4"],
    [`ann@${VM}`, "ann", VM],
    ["/subscriptions/a@b", undefined, "/subscriptions/a@b"],
    ["ann@", "ann", ""],
  ];
  for (const [given, user, word] of cases) {
    assert.deepEqual(splitUser(given), user === undefined ? { word } : { user, word });
  }
  // It would be an option of the ssh that it is handed to.
  for (const given of ["-oProxyCommand=x@web1", "@web1", "a b@web1", "a\n@web1"]) {
    assert.throws(() => splitUser(given), { code: "usage" }, given);
  }
});

Deno.test("parseHostName", () => {
  assert.deepEqual(parseHostName("hub"), { name: "hub" });
  assert.deepEqual(parseHostName("hub", "net"), { name: "hub", group: "net" });
  assert.deepEqual(parseHostName("net/hub"), { name: "hub", group: "net" });
  const { id, name } = parseHostName(`${HOST.toUpperCase()}/`);
  assert.deepEqual([id?.resourceGroup, name], ["NET", "HUB"]);
  for (const text of ["", "/", "a/", "/a", "a/b/c", "..", "a/..", "a b", "-a", VM]) {
    assert.throws(() => parseHostName(text), { code: "usage" }, text);
  }
});

const part = fc.stringMatching(/^[A-Za-z_(][\w.()-]{0,20}$/);
const bad = { code: "usage" };

Deno.test("parseTargetWord: whatever it is given, it answers, or says what is wrong with it", () => {
  const pieces = fc.constantFrom(
    ..."/ . : @ - [ ] % \\ :// subscriptions resourceGroups providers 10 256 .. \u0000 \u202e ü 😀"
      .split(" "),
  );
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(pieces, part), { maxLength: 12 }).map((all) => all.join("")),
  );
  fc.assert(fc.property(word, (word) => {
    try {
      const parsed = parseTargetWord(word);
      const names = parsed.kind === "id"
        ? [parsed.id.resourceGroup, ...parsed.id.names]
        : parsed.kind === "ip"
        ? [parsed.address]
        : parsed.readings.flatMap(({ group, name }) => [...(group ? [group] : []), name]);
      // Nothing of it may lead elsewhere in a URL, nor look like an option.
      return names.every((name) => !/^\.{0,2}$|^-|[\s?#%\\\p{Cc}]/u.test(name)) &&
        (parsed.kind === "name" || !names.some((name) => name.includes("/")));
    } catch (error) {
      return isBastionError(error, "usage") && /\S/.test(error.hint) &&
        !/\p{Cc}/u.test(error.message);
    }
  }));
});

Deno.test("parseTargetWord: every group and name is read as such, in any case", () => {
  fc.assert(fc.property(part, part, part, (group, set, name) => {
    const one = parseTargetWord(name);
    const two = parseTargetWord(`${group}/${name}`);
    const three = parseTargetWord(`${group}/${set}/${name}`);
    assert.ok(one.kind === "name" && two.kind === "name" && three.kind === "name");
    assert.deepEqual(one.readings, [{ name }]);
    assert.deepEqual(two.readings, [{ group, name }, { name: `${group}/${name}` }]);
    assert.deepEqual(three.readings, [{ group, name: `${set}/${name}` }]);
    assert.deepEqual(splitUser(`ann@${group}/${name}`), { user: "ann", word: `${group}/${name}` });
  }));
});

Deno.test("parseTargetWord: of four numbers, those that are an address", () => {
  const number = fc.integer({ min: 0, max: 300 });
  fc.assert(fc.property(number, number, number, number, (...numbers) => {
    const [first, second] = numbers;
    const word = numbers.join(".");
    const never = first === 0 || first === 127 || first >= 224 || (first === 169 && second === 254);
    if (never || numbers.some((each) => each > 255)) {
      assert.throws(() => parseTargetWord(word), bad);
    } else {
      assert.deepEqual(parseTargetWord(word), { kind: "ip", address: word });
    }
  }));
});

Deno.test("an id is an id, whatever Git's shell on Windows has made of it", () => {
  const vm = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/web1";
  const host = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/bastionHosts/hub";
  const prefixes = ["C:/Program Files/Git", "c:/tools/msys64", "D:\\Git", "C:", "/"];
  for (const prefix of prefixes) {
    const word = parseTargetWord(`${prefix}${vm}`);
    assert.deepEqual(word.kind === "id" && word.id.id, vm, prefix);
    assert.equal(readResourceId(`${prefix}${vm}`).id, vm);
    assert.equal(parseHostName(`${prefix}${host}`).id?.id, host);
    assert.deepEqual(splitUser(`${prefix}${vm}`), { word: vm });
  }
  assert.deepEqual(splitUser(`ann@${vm}`), { user: "ann", word: vm });
  for (const word of ["C:/Program Files/Git/web1", "x/subscriptions/s", "C:/a@b/subscriptions/s"]) {
    assert.throws(() => readResourceId(word), { code: "usage" });
  }
});
