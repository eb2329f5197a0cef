import { managedIdentityCredential } from "../../core/auth/azure/managed_identity_credential.ts";
import { credentialSource, silence } from "../helpers/fake_entra.ts";
import { prepared } from "../helpers/prepared_credential.ts";
import { credentialContract } from "./credential_contract.ts";

/** MSAL reads the metadata service's address once in a process. */
let metadataPort = 0;

credentialContract("managed-identity", {
  provider: managedIdentityCredential,
  refusal: { code: "credential-refused", message: /Identity not found/, hint: /\S/ },
  async prepare(behaviour) {
    let requests = 0;
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: metadataPort,
      onListen: () => {},
    }, (request) => {
      const { searchParams, pathname } = new URL(request.url);
      if (pathname !== "/metadata/identity/oauth2/token") return new Response("", { status: 404 });
      const invalid = (error_description: string) =>
        Response.json({ error: "invalid_request", error_description }, { status: 400 });
      if (behaviour === "absent") return new Response("not Azure's", { status: 404 });
      if (request.headers.get("Metadata") !== "true") return invalid("no header");
      requests++;
      if (behaviour === "hangs") return silence();
      if (behaviour === "refuses") return invalid("Identity not found");
      return Response.json({
        access_token: `token-number-${requests}`,
        expires_on: String(Math.floor(Date.now() / 1000) + 3600),
        resource: searchParams.get("resource"),
        token_type: "Bearer",
      });
    });
    metadataPort = server.addr.port;
    const variable = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
    const address = `http://127.0.0.1:${server.addr.port}`;
    // MSAL looks at the process's own environment.
    Deno.env.set(variable, address);
    const source = credentialSource(
      "https://entra.example",
      behaviour === "other-cloud" ? {} : { [variable]: address },
    );
    return await Promise.resolve(
      prepared({ source, secrets: [], requests: () => requests }, {
        async [Symbol.asyncDispose]() {
          Deno.env.delete(variable);
          await server.shutdown();
        },
      }, source),
    );
  },
});
