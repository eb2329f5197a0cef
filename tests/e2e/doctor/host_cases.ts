/** What is wrong with a bastion host that is named without a target. */

import assert from "node:assert/strict";
import { type DoctorCase, HOST, reader, SCOPE } from "./doctor_case.ts";

const words = ["--bastion", HOST];

export const hostCases: readonly DoctorCase[] = [
  {
    what: "a named host that does not exist",
    words: ["--name", "hup", "--resource-group", "net", "--subscription", SCOPE.slice(15)],
    check: "bastion-host",
    code: "host-not-found",
    says: /net\/hup/,
    remedy: /--name, --resource-group and --subscription/,
    exit: 6,
    skips: ["host-dns", "host-tcp", "host-tls"],
    more: ({ check }) => assert.equal(check("reader-host").code, "resource-missing"),
  },
  {
    what: "a named host of the Basic SKU",
    azure: { bastionHosts: [{ name: "hub", resourceGroup: "net", sku: "Basic" }] },
    words: ["--bastion", "hub"],
    check: "bastion-host",
    code: "host-sku",
    says: /SKU Basic/,
    remedy: /Standard or Premium/,
    exit: 7,
    skips: ["host-tls"],
    more: ({ check }) => assert.equal(check("reader-host").status, "ok"),
  },
  {
    what: "no Reader role on a named host",
    azure: { world: { roles: [reader(`${SCOPE}/resourceGroups/app`)] } },
    words,
    check: "reader-host",
    code: "role-missing",
    says: /bastion host net\/hub \(HTTP 403/,
    remedy: new RegExp(`--scope "${HOST}"`),
    exit: 5,
    more: ({ check }) => assert.equal(check("bastion-host").code, "arm-forbidden"),
  },
  {
    what: "a role on a named host that is eligible, and not active",
    azure: {
      world: { roles: [reader(`${SCOPE}/resourceGroups/app`)], eligibleRoles: [reader(HOST)] },
    },
    words,
    check: "pim",
    status: "warn",
    says: new RegExp(`not active: Reader on ${HOST}`),
    remedy: /Privileged Identity Management/,
    exit: 5,
  },
];
