/** The shells that environment assignments can be printed for. */
export const shells = ["sh", "pwsh"] as const;
export type Shell = (typeof shells)[number];
