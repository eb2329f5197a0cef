/** What the one word that names a target may be. Pure. */

import { parseResourceId, type ResourceId } from "../azure/resource_id.ts";
import { bastionError } from "../errors.ts";
import { printable } from "../secret.ts";

export type TargetWord =
  | { readonly kind: "id"; readonly id: ResourceId }
  | { readonly kind: "ip"; readonly address: string }
  /** An alias, a plugin's, or a name; as a name it may be read in these ways, tried in order. */
  | { readonly kind: "name"; readonly word: string; readonly readings: readonly NameReading[] };

/** A VM's name, or `set/instance`, and the group that it must be in. */
export interface NameReading {
  readonly group?: string;
  readonly name: string;
}

/** What Azure allows in the names of groups, hosts and VMs; never `.` or `..`, which would climb. */
const NAME = /^(?!\.{1,2}$)(?!-)[\p{L}\p{N}_.()-]{1,90}$/u;
/** No real word is longer; an id's parts may have 260 characters each. */
const MAX_LENGTH = 2_000;

/**
 * Git's shell on Windows takes an id for a path of its own, and hands it to programs that are not as
 * `C:/Program Files/Git/subscriptions/…`; who knows that doubles the first slash.
 */
function unmangled(text: string): string {
  return text.replace(/^(?:[a-z]:(?:[\\/][^@]*?)?)?[\\/]{1,2}(?=subscriptions\/)/i, "/");
}

/** @throws BastionError `usage` for what cannot be meant */
export function parseTargetWord(given: string): TargetWord {
  const word = unmangled(given);
  checkCharacters(word, "TARGET");
  if (word.startsWith("/")) return { kind: "id", id: readResourceId(word) };
  if (/^subscriptions\//i.test(word)) return { kind: "id", id: readResourceId(`/${word}`) };
  if (isIpv4(word)) return { kind: "ip", address: checkedAddress(word) };
  refuseOtherAddresses(word);
  return { kind: "name", word, readings: readingsOf(word) };
}

/**
 * `USER@WORD`, divided at the last `@`: a user may be `ann@corp.example`, and no target has one in
 * its name.
 * @throws BastionError `usage` for a user that cannot be meant
 */
export function splitUser(text: string): { readonly user?: string; readonly word: string } {
  const given = unmangled(text);
  const at = given.lastIndexOf("@");
  // An id's parts are anybody's guess, but it begins with a slash, and no user does.
  if (at < 0 || given.startsWith("/")) return { word: given };
  const user = given.slice(0, at);
  if (user === "") {
    throw usage(
      `${quote(given)} names no user before @.`,
      "Give USER@TARGET, or TARGET alone.",
    );
  }
  // A user that begins with a dash would be an option of the programs that it is handed to.
  checkCharacters(user, "the user");
  return { user, word: given.slice(at + 1) };
}

/** @throws BastionError `usage` */
export function readResourceId(text: string): ResourceId {
  const id = parseResourceId(unmangled(text));
  if (!id) {
    throw usage(
      `${quote(text)} is not a resource id.`,
      "It begins with /subscriptions/. Copy it from the portal: the resource's JSON view.",
    );
  }
  if (isBastionHostId(id)) {
    throw usage(
      "The target's resource id is a bastion host's.",
      "Give that id by --bastion, and as the target the VM to connect to.",
    );
  }
  return id;
}

/** @throws BastionError `usage` */
export function readIpAddress(text: string): string {
  if (isIpv4(text)) return checkedAddress(text);
  throw usage(
    `${quote(text)} is not an IPv4 address.`,
    "Give the target's address as four numbers, such as 10.1.0.4. Bastion knows no IPv6 targets.",
  );
}

/** How a bastion host is named. */
export type HostName =
  | { readonly id: ResourceId; readonly name: string }
  | { readonly id?: undefined; readonly name: string; readonly group?: string };

/**
 * `[group/]name` or a full id; the group may come by itself.
 * @throws BastionError `usage`
 */
export function parseHostName(given: string, resourceGroup?: string): HostName {
  const text = unmangled(given);
  if (text.startsWith("/")) {
    const id = parseResourceId(text);
    const [name] = id?.names ?? [];
    if (id && name !== undefined && isBastionHostId(id)) return { id, name };
    throw usage(
      `${quote(text)} is not a bastion host's resource id.`,
      "Give the host as [GROUP/]NAME, or as /subscriptions/…/providers/Microsoft.Network/bastionHosts/NAME.",
    );
  }
  const parts = text.split("/");
  const name = parts.at(-1) ?? "";
  const group = parts.length > 1 ? parts.slice(0, -1).join("/") : resourceGroup;
  if (parts.length > 1 && resourceGroup !== undefined) {
    throw usage(
      `The bastion host's group is named twice, by ${quote(text)} and by --resource-group.`,
      "Leave out one of them.",
    );
  }
  for (const part of group === undefined ? [name] : [name, group]) {
    if (NAME.test(part)) continue;
    throw usage(
      `${quote(part)} cannot be an Azure name.`,
      "Check the bastion host's name and group: letters, digits, hyphens, underscores, dots and parentheses are allowed.",
    );
  }
  return group === undefined ? { name } : { name, group };
}

function readingsOf(word: string): NameReading[] {
  const parts = word.split("/");
  // What no name is, an alias or a plugin may still know.
  if (parts.length > 3 || !parts.every((part) => NAME.test(part))) return [];
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return [{ name: first }];
  const inGroup = { group: first, name: rest.join("/") };
  // `a/b` is group and VM, or scale set and instance: what there is decides.
  return rest.length === 1 ? [inGroup, { name: word }] : [inGroup];
}

function refuseOtherAddresses(word: string): void {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(word)) {
    throw usage(
      `${quote(word)} is a URL, and no target.`,
      "Give a VM's name, its private IP address, or its resource id (the portal's JSON view has it).",
    );
  }
  // A zone may follow the address (`fe80::1%eth0`).
  const [plain = ""] = word.replace(/^\[|\](:\d*)?$/g, "").split("%");
  if (/^[0-9a-f:.]+$/i.test(plain) && (plain.match(/:/g)?.length ?? 0) > 1) {
    throw usage(
      `${quote(word)} is an IPv6 address, which Azure Bastion cannot connect to.`,
      "Give the VM's private IPv4 address, its name, or its resource id.",
    );
  }
  const [, address, rest = ""] = /^(\d+(?:\.\d+){3})([:/]\d*)$/.exec(word) ?? [];
  if (address !== undefined && isIpv4(address)) {
    throw usage(
      `${quote(word)} is more than an address.`,
      rest.startsWith(":")
        ? `Give the port by --resource-port: ${address} --resource-port ${rest.slice(1) || "22"}`
        : `Give one address: ${address}`,
    );
  }
  if (/^\d+(\.\d*)+$/.test(word)) readIpAddress(word);
}

function checkCharacters(text: string, what: string): void {
  if (text === "") {
    throw usage(`${capital(what)} is empty.`, "Check the variable that it comes from.");
  }
  if (text.startsWith("-")) {
    throw usage(
      `${quote(text)} begins with a hyphen, so that it would be taken for an option.`,
      "No VM, alias or user begins with one.",
    );
  }
  if (/[\s\p{Cc}\p{Cf}\p{Cs}]/u.test(text)) {
    throw usage(
      `${quote(text)} has a space or a control character in it.`,
      `Check ${what}: it is one word.`,
    );
  }
  if (text.length > MAX_LENGTH) {
    throw usage(
      `${capital(what)} is ${text.length} characters long.`,
      "Nothing in Azure has so long a name.",
    );
  }
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** Addresses that no VM has: this network, loopback, link-local, multicast and above. */
function checkedAddress(address: string): string {
  const [first = 0, second = 0] = address.split(".").map(Number);
  const never = first === 0 || first === 127 || first >= 224 || (first === 169 && second === 254);
  if (!never) return address;
  throw usage(
    `${address} is an address that no VM can have.`,
    "Give the VM's private IPv4 address, such as 10.1.0.4.",
  );
}

function isBastionHostId({ type }: ResourceId): boolean {
  return type.toLowerCase() === "microsoft.network/bastionhosts";
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** In quotes, so that it is seen where it ends; control characters escaped. */
function quote(text: string): string {
  return printable(JSON.stringify(text), 120);
}

function usage(problem: string, remedy: string): Error {
  return bastionError("usage", { problem, remedy });
}
