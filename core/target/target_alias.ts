/** A name of the user's own for a target, from the config file. Keys are spelt as options are. */
export type TargetAlias = string | TargetAliasRecord;

export interface TargetAliasRecord {
  /** `[USER@]TARGET`: an id, an IP address, a plugin's or a name; never another alias. */
  readonly "target": string;
  /** `[group/]name` or full id of the bastion host. */
  readonly "bastion"?: string;
  /** The bastion host's, where `bastion` is a name. */
  readonly "resource-group"?: string;
  readonly "subscription"?: string;
  readonly "resource-port"?: number;
  readonly "user"?: string;
}
