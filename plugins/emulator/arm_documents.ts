/** How Resource Manager describes what is in the world. */

import type {
  BastionHostResource,
  NetworkPeering,
  ScaleSet,
  Subscription,
  VirtualMachine,
  VirtualNetwork,
  World,
} from "./world.ts";

export type ArmDocument = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
};

export const LOCATION = "westeurope";

const HOST_SUBNET = "AzureBastionSubnet";

export function describeHost(host: BastionHostResource, dnsName: string): ArmDocument {
  const subnet = `${host.network.id}/subnets/${HOST_SUBNET}`;
  const group = host.id.split("/").slice(0, 5).join("/");
  // Azure leaves out the features that a SKU does not have.
  const features = host.sku === "Standard" || host.sku === "Premium"
    ? {
      enableTunneling: host.enableTunneling,
      enableIpConnect: host.enableIpConnect,
      enableFileCopy: false,
      enableKerberos: false,
      enableShareableLink: false,
      disableCopyPaste: false,
    }
    : {};
  const place = host.sku === "Developer"
    ? { virtualNetwork: { id: host.network.id }, ipConfigurations: [] }
    : {
      ipConfigurations: [{
        id: `${host.id}/bastionHostIpConfigurations/IpConf`,
        name: "IpConf",
        type: "Microsoft.Network/bastionHosts/bastionHostIpConfigurations",
        properties: {
          provisioningState: host.provisioningState,
          privateIPAllocationMethod: "Dynamic",
          publicIPAddress: {
            id: `${group}/providers/Microsoft.Network/publicIPAddresses/${host.name}-ip`,
          },
          subnet: { id: subnet },
        },
      }],
    };
  return {
    id: host.id,
    name: host.name,
    type: "Microsoft.Network/bastionHosts",
    location: LOCATION,
    sku: { name: host.sku },
    properties: {
      provisioningState: host.provisioningState,
      dnsName,
      scaleUnits: 2,
      ...features,
      ...place,
    },
  };
}

export function describeMachine(vm: VirtualMachine, withView: boolean): ArmDocument {
  return {
    id: vm.id,
    name: vm.name,
    type: "Microsoft.Compute/virtualMachines",
    location: LOCATION,
    properties: machineProperties(vm, withView),
  };
}

export function describeInstance(vm: VirtualMachine, withView: boolean): ArmDocument {
  const [set = "", number = ""] = vm.name.split("/");
  return {
    id: vm.id,
    instanceId: number,
    name: `${set}_${number}`,
    type: "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
    location: LOCATION,
    properties: { latestModelApplied: true, ...machineProperties(vm, withView) },
  };
}

function machineProperties(vm: VirtualMachine, withView: boolean) {
  return {
    provisioningState: "Succeeded",
    hardwareProfile: { vmSize: "Standard_B1s" },
    osProfile: { computerName: vm.name.replace("/", "") },
    storageProfile: { osDisk: { osType: vm.os === "windows" ? "Windows" : "Linux" } },
    networkProfile: {
      networkInterfaces: [{ id: vm.networkInterface, properties: { primary: true } }],
    },
    ...(withView ? { instanceView: instanceView(vm) } : {}),
  };
}

export function instanceView({ powerState }: VirtualMachine) {
  return {
    statuses: [
      {
        code: "ProvisioningState/succeeded",
        level: "Info",
        displayStatus: "Provisioning succeeded",
      },
      { code: `PowerState/${powerState}`, level: "Info", displayStatus: `VM ${powerState}` },
    ],
  };
}

export function describeScaleSet(set: ScaleSet): ArmDocument {
  return {
    id: set.id,
    name: set.name,
    type: "Microsoft.Compute/virtualMachineScaleSets",
    location: LOCATION,
    sku: { name: "Standard_B1s", tier: "Standard", capacity: set.instances.length },
    properties: {
      provisioningState: "Succeeded",
      orchestrationMode: "Uniform",
      singlePlacementGroup: true,
      virtualMachineProfile: {
        osProfile: { computerNamePrefix: set.name },
        storageProfile: { osDisk: { osType: set.os === "windows" ? "Windows" : "Linux" } },
      },
    },
  };
}

export function describeNetworkInterface(vm: VirtualMachine): ArmDocument {
  const { networkInterface: id } = vm;
  return {
    id,
    name: id.split("/").at(-1) ?? "",
    type: "Microsoft.Network/networkInterfaces",
    location: LOCATION,
    properties: {
      provisioningState: "Succeeded",
      primary: true,
      virtualMachine: { id: vm.id },
      ipConfigurations: [{
        id: `${id}/ipConfigurations/ipconfig1`,
        name: "ipconfig1",
        properties: {
          provisioningState: "Succeeded",
          primary: true,
          privateIPAddress: vm.privateIp,
          privateIPAddressVersion: "IPv4",
          privateIPAllocationMethod: "Dynamic",
          subnet: { id: `${vm.network.id}/subnets/default` },
        },
      }],
    },
  };
}

export function describeNetwork(network: VirtualNetwork, world: World): ArmDocument {
  const hasHost = world.bastionHosts.some((host) =>
    host.network === network && host.sku !== "Developer"
  );
  return {
    id: network.id,
    name: network.name,
    type: "Microsoft.Network/virtualNetworks",
    location: LOCATION,
    properties: {
      provisioningState: "Succeeded",
      addressSpace: { addressPrefixes: network.addressPrefixes },
      subnets: ["default", ...(hasHost ? [HOST_SUBNET] : [])].map((name) => ({
        id: `${network.id}/subnets/${name}`,
        name,
        properties: { provisioningState: "Succeeded" },
      })),
      virtualNetworkPeerings: network.peerings.map((one) => describePeering(network, one)),
    },
  };
}

export function describePeering(
  network: VirtualNetwork,
  { name, remote, state }: NetworkPeering,
): ArmDocument {
  return {
    id: `${network.id}/virtualNetworkPeerings/${name}`,
    name,
    type: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    properties: {
      provisioningState: "Succeeded",
      peeringState: state,
      peeringSyncLevel: "FullyInSync",
      allowVirtualNetworkAccess: true,
      allowForwardedTraffic: false,
      remoteVirtualNetwork: { id: remote },
    },
  };
}

export function describeSubscription({ id, name, tenant, state }: Subscription) {
  return {
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    displayName: name,
    tenantId: tenant,
    state,
    authorizationSource: "RoleBased",
    managedByTenants: [],
  };
}
