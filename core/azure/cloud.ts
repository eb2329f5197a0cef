/** An Azure cloud: where its services are. */
export interface Cloud {
  /** As az has it: `AzureCloud`, `AzureUSGovernment`, `AzureChinaCloud`, or a file's own. */
  readonly name: string;
  /** Whether it is one of Microsoft's; what others say of themselves is not taken on trust. */
  readonly builtIn?: true;
  /** Base address of Azure Resource Manager, without a slash at its end. */
  readonly resourceManager: string;
  /** Base address of Microsoft Entra, without a slash at its end. */
  readonly authority: string;
  /** Other host names of Microsoft Entra that Resource Manager calls the authority by. */
  readonly authorityAliases?: readonly string[];
  /** What access tokens for Resource Manager are for; scope is this and `/.default`. */
  readonly audience: string;
  /** What Resource Manager takes in its place; the Azure CLI's tokens are for one of these. */
  readonly audienceAliases?: readonly string[];
  /** Scope of the certificates for signing in to Linux VMs. */
  readonly sshCertificateScope?: string;
  /** Base address of the portal, without a slash at its end. */
  readonly portal?: string;
  /**
   * The domain in which the data pods of the Developer SKU are; none of them is given a token where
   * it is left out.
   */
  readonly dataPodSuffix?: string;
  /** A PEM file that this cloud's certificates are verified against, besides the system's. */
  readonly caFile?: string;
}
