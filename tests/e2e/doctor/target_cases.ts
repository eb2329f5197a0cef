/** What is wrong with the target, the bastion host, the user's roles on them, and the way between. */

import net from "node:net";
import { listenOnLoopback } from "../../helpers/listen_on_loopback.ts";
import { type DoctorCase, HOST, reader, SCOPE, VM } from "./doctor_case.ts";

const off = { name: "hub", resourceGroup: "net" } as const;
const web1 = { name: "web1", resourceGroup: "app", privateIp: "10.1.0.4" } as const;

export const targetCases: readonly DoctorCase[] = [
  {
    what: "a VM that does not exist",
    words: ["nowhere"],
    check: "target",
    code: "target-not-found",
    says: /no target nowhere/,
    remedy: /bastion targets/,
    exit: 6,
    skips: ["bastion-host", "host-dns", "session"],
  },
  {
    what: "a host of the Basic SKU",
    azure: { bastionHosts: [{ ...off, sku: "Basic" }] },
    words: ["web1", "--bastion", "net/hub"],
    check: "bastion-host",
    code: "host-sku",
    says: /SKU Basic/,
    remedy: /Standard or Premium/,
    exit: 7,
    skips: ["session", "websocket", "port"],
  },
  {
    what: "a host with native clients switched off",
    azure: { bastionHosts: [off] },
    words: ["web1", "--bastion", "net/hub"],
    check: "bastion-host",
    code: "host-tunneling-off",
    says: /switched off/,
    remedy: /--enable-tunneling true/,
    exit: 7,
    skips: ["session"],
  },
  {
    what: "a host that is being changed",
    azure: { bastionHosts: [{ ...off, enableTunneling: true, provisioningState: "Updating" }] },
    words: ["web1", "--bastion", "net/hub"],
    check: "bastion-host",
    code: "host-provisioning",
    says: /Updating/,
    remedy: /Succeeded/,
    exit: 7,
    skips: ["session"],
  },
  {
    what: "a host with IP connect switched off",
    azure: { bastionHosts: [{ ...off, enableTunneling: true }] },
    words: ["10.1.0.4", "--bastion", "net/hub"],
    check: "bastion-host",
    code: "host-ip-connect-off",
    says: /IP/,
    remedy: /--enable-ip-connect true/,
    exit: 7,
    skips: ["session"],
  },
  {
    what: "a resource id of a VM that has been deleted",
    words: ["--target-resource-id", VM.replace("web1", "gone"), "--bastion", HOST],
    check: "reader-vm",
    code: "resource-missing",
    says: /There is no VM app\/gone/,
    remedy: /deleted: .*virtualMachines\/gone/,
    exit: 6,
    skips: ["reader-nic", "reader-vnet", "vm-power"],
  },
  {
    what: "a VM that is deallocated",
    azure: {
      world: {
        virtualMachines: [{
          ...web1,
          ...{ powerState: "deallocated", ports: { "22": "ssh" } },
        }],
      },
    },
    check: "vm-power",
    code: "vm-stopped",
    says: /it is deallocated/,
    remedy: /az vm start/,
    exit: 7,
  },
  {
    what: "no Reader role on the bastion host",
    azure: { world: { roles: [reader(`${SCOPE}/resourceGroups/app`)] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "reader-host",
    code: "role-missing",
    says: /bastion host net\/hub \(HTTP 403/,
    remedy: new RegExp(`az role assignment create --role Reader --assignee \\S+ --scope "${HOST}"`),
    exit: 5,
  },
  {
    what: "no Reader role on the VM",
    azure: { world: { roles: [reader(`${SCOPE}/resourceGroups/net`)] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "reader-vm",
    code: "role-missing",
    says: /VM app\/web1 \(HTTP 403/,
    remedy: new RegExp(`--scope "${VM}"`),
    exit: 5,
    skips: ["reader-nic", "reader-vnet", "vm-power"],
  },
  {
    what: "no Reader role on the VM's network interface",
    azure: { world: { roles: [reader(HOST), reader(VM)] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "reader-nic",
    code: "role-missing",
    says: /network interface app\/\S+ \(HTTP 403/,
    remedy: /--scope "\S+\/networkInterfaces\/\S+"/,
    exit: 5,
    skips: ["reader-vnet"],
  },
  {
    what: "no Reader role on a VNet that is peered with the host's",
    azure: {
      bastionHosts: [{ ...off, enableTunneling: true, network: "hub-vnet" }],
      world: {
        virtualNetworks: [
          { name: "hub-vnet", resourceGroup: "net", peerings: [{ network: "spoke/app-vnet" }] },
          { name: "app-vnet", resourceGroup: "spoke", peerings: [{ network: "net/hub-vnet" }] },
        ],
        virtualMachines: [{
          ...web1,
          ports: { "22": "ssh" },
          network: "spoke/app-vnet",
        }],
        roles: [reader(HOST), reader(`${SCOPE}/resourceGroups/app`)],
      },
    },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "reader-vnet",
    code: "role-missing",
    says: /VNet spoke\/app-vnet \(HTTP 403/,
    remedy: /--scope "\S+\/virtualnetworks\/app-vnet"/i,
    exit: 5,
  },
  {
    what: "a role that is eligible, and not active",
    azure: { world: { roles: [reader(HOST)], eligibleRoles: [reader(SCOPE)] } },
    words: ["--target-resource-id", VM, "--bastion", HOST],
    check: "pim",
    status: "warn",
    says: new RegExp(`not active: Reader on ${SCOPE}`),
    remedy: /Privileged Identity Management/,
    exit: 5,
  },
  {
    what: "a session that is refused",
    azure: { faults: [{ at: "token", kind: "status", status: 403 }] },
    check: "session",
    code: "token-forbidden",
    says: /refuses access to app\/web1:22/,
    remedy: /Reader/,
    exit: 5,
    skips: ["websocket", "port"],
  },
  {
    what: "a proxy that lets no WebSocket through",
    azure: { faults: [{ at: "upgrade", kind: "101-without-headers" }] },
    check: "websocket",
    code: "upgrade-broken",
    says: /handshake is broken/,
    remedy: /exempted from inspection/,
    exit: 8,
    skips: ["port"],
  },
  {
    what: "a port that is closed",
    words: ["web1", "--resource-port", "5432"],
    check: "port",
    code: "target-refused",
    says: /app\/web1:5432 refuses connections.*1011/,
    remedy: /Nothing listens/,
    exit: 9,
  },
  {
    what: "a port that is filtered",
    azure: { ports: { 22: "filtered" } },
    words: ["web1", "--timeout", "4s"],
    check: "port",
    code: "target-silent",
    says: /app\/web1:22 has not said a word for 2\.8 s/,
    remedy: /AzureBastionSubnet/,
    exit: 9,
  },
  {
    what: "a VM that Azure Bastion gives up on after a while",
    azure: async (ends) => ({ ports: { 22: await slowlyResetting(ends) } }),
    check: "port",
    code: "target-unreachable",
    says: /could not reach app\/web1:22, and gave up after \d\S* s, .*WebSocket close 1011/,
    remedy: /network security group/,
    exit: 9,
  },
];

/**
 * The port of a server whose connections come to nothing, midway between what the doctor takes for
 * a refusal (3 s) and for silence (10 s).
 */
async function slowlyResetting(ends: AsyncDisposableStack): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    const timer = setTimeout(() => socket.resetAndDestroy(), 6_500);
    socket.on("close", () => clearTimeout(timer));
  });
  return ends.use(await listenOnLoopback(server)).port;
}
