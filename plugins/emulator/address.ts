/** Where a TCP connection goes. */
export interface Address {
  readonly host: string;
  readonly port: number;
}
