/** A bastion host as Resource Manager describes it. */
export interface BastionHost {
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: string;
  readonly sku: string;
  /** Host name of the data plane, with a port where it is not 443. Checked: nothing else is in it. */
  readonly endpoint: string;
  readonly enableTunneling: boolean;
  readonly enableIpConnect: boolean;
  readonly provisioningState: string;
}
