/** A service principal from Azure's environment variables. */

import { printable, Secret } from "../../secret.ts";
import type { CredentialProvider } from "./credential.ts";
import { foreignAuthority } from "./foreign_authority.ts";

export const environmentCredential: CredentialProvider = {
  name: "environment",
  async create(source) {
    const tenant = source.env("AZURE_TENANT_ID");
    const client = source.env("AZURE_CLIENT_ID");
    const secret = source.env("AZURE_CLIENT_SECRET");
    const certificateFile = source.env("AZURE_CLIENT_CERTIFICATE_PATH");
    const password = source.env("AZURE_CLIENT_CERTIFICATE_PASSWORD");
    if (tenant && client && (secret || certificateFile)) {
      const foreign = foreignAuthority(source);
      if (foreign) return { absent: foreign };
      const { servicePrincipal } = await import("./service_principal.ts");
      return await servicePrincipal(source, {
        name: `environment (service principal ${printable(client, 60)})`,
        tenant,
        client,
        proof: secret ? { secret: new Secret(secret) } : {
          certificateFile: certificateFile ?? "",
          ...(password ? { password: new Secret(password) } : {}),
        },
      });
    }
    const missing = [
      tenant ? [] : ["AZURE_TENANT_ID"],
      client ? [] : ["AZURE_CLIENT_ID"],
      secret || certificateFile ? [] : ["AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"],
    ].flat();
    return { absent: `${missing.join(", ")} not set` };
  },
};
