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
  /** What access tokens for Resource Manager are for; scope is this and `/.default`. */
  readonly audience: string;
  /** Scope of the certificates for signing in to Linux VMs. */
  readonly sshCertificateScope?: string;
  /** A PEM file that this cloud's certificates are verified against, besides the system's. */
  readonly caFile?: string;
}
