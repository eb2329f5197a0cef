/** Azure's built-in roles, as far as a user of bastion hosts meets them. */
export interface RoleDefinition {
  readonly name: string;
  /** The same in every Azure. */
  readonly id: string;
  readonly actions: readonly string[];
  readonly dataActions?: readonly string[];
}

const machineReads = [
  "Microsoft.Network/publicIPAddresses/read",
  "Microsoft.Network/virtualNetworks/read",
  "Microsoft.Network/loadBalancers/read",
  "Microsoft.Network/networkInterfaces/read",
  "Microsoft.Compute/virtualMachines/*/read",
];

export const roleDefinitions = [
  { name: "Owner", id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", actions: ["*"] },
  { name: "Contributor", id: "b24988ac-6180-42a0-ab88-20f7382dd24c", actions: ["*"] },
  { name: "Reader", id: "acdd72a7-3385-48ef-bd42-f606fba81ae7", actions: ["*/read"] },
  {
    name: "Network Contributor",
    id: "4d97b98b-1d4f-4787-a291-c67834d212e7",
    actions: ["Microsoft.Authorization/*/read", "Microsoft.Network/*"],
  },
  {
    name: "Virtual Machine Contributor",
    id: "9980e02c-c2be-4d73-94e8-173b1dc7cf3c",
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.Compute/virtualMachines/*",
      "Microsoft.Compute/virtualMachineScaleSets/*",
      "Microsoft.Network/networkInterfaces/*",
      "Microsoft.Network/virtualNetworks/read",
    ],
  },
  {
    name: "Virtual Machine Administrator Login",
    id: "1c0163c0-47e6-4577-8991-ea5c82e286e4",
    actions: machineReads,
    dataActions: [
      "Microsoft.Compute/virtualMachines/login/action",
      "Microsoft.Compute/virtualMachines/loginAsAdmin/action",
    ],
  },
  {
    name: "Virtual Machine User Login",
    id: "fb879df8-f326-4884-b1cf-06f3ad86be52",
    actions: machineReads,
    dataActions: ["Microsoft.Compute/virtualMachines/login/action"],
  },
] as const satisfies readonly RoleDefinition[];

export const roleNames = roleDefinitions.map(({ name }) => name);

/** Whether an action is among those that a role grants; `*` stands for any text, or none. */
export function grants(actions: readonly string[], action: string): boolean {
  const wanted = action.toLowerCase();
  return actions.some((pattern) => {
    const [head = "", tail] = pattern.toLowerCase().split("*");
    if (tail === undefined) return wanted === head;
    // "View Virtual Machines", as the login roles promise: `machines/*/read` has `machines/read`.
    const whole = head.endsWith("/") && tail.startsWith("/") ? head + tail.slice(1) : undefined;
    return wanted === whole ||
      (wanted.length >= head.length + tail.length && wanted.startsWith(head) &&
        wanted.endsWith(tail));
  });
}
