/**
 * Takes away, in a program's environment, what the emulator's brings to sign in by; an empty variable
 * is as good as none.
 */
export const NO_CREDENTIAL = {
  AZURE_TENANT_ID: "",
  AZURE_CLIENT_ID: "",
  AZURE_CLIENT_SECRET: "",
  AZURE_SUBSCRIPTION_ID: "",
  AZURE_CONFIG_DIR: "/nonexistent",
} as const;
