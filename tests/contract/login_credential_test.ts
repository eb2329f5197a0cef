import { loginProvider } from "../../core/auth/azure/login/login_provider.ts";
import {
  guarded,
  nothing,
  type SignIn,
  writeState,
} from "../../core/auth/azure/login/login_state.ts";
import { AZURE_CLI_CLIENT_ID } from "../../core/auth/azure/login/msal_client.ts";
import { createPlatform } from "../../core/platform.ts";
import {
  CLI_PRINCIPAL,
  CLI_TENANT,
  CLI_USER,
  userFields,
  writeUserCache,
} from "../helpers/azure_cli_directory.ts";
import { credentialSource, fakeEntra, silence, tokenAnswer } from "../helpers/fake_entra.ts";
import { tempDir } from "../helpers/temp_dir.ts";
import {
  type Behaviour,
  credentialContract,
  type PreparedCredential,
} from "./credential_contract.ts";

const REFRESH_TOKEN = "planted-refresh-token";
const SECRET = "planted~Secret.value";
const OBJECT = "0a0a0a0a-2222-3333-4444-555555555555";

/** What MSAL keeps of a sign-in at an Entra that is gone, as if it had been at `authority`. */
async function keptByMsal(authority: string): Promise<string> {
  await using signedIn = fakeEntra({
    token: (_form, count) => tokenAnswer(count, userFields(REFRESH_TOKEN)),
  });
  await using directory = await tempDir();
  await writeUserCache(directory, signedIn);
  const cache = await Deno.readTextFile(directory.file("msal_token_cache.json"));
  return cache.replaceAll(new URL(signedIn.authority).host, new URL(authority).host)
    .replace("token-number-1", "token-number-0");
}

async function prepare(
  behaviour: Behaviour,
  error: string,
  signInAt: (authority: string) => Promise<{ msal: string; signIn: SignIn }>,
): Promise<PreparedCredential> {
  await using opened = new AsyncDisposableStack();
  const entra = opened.use(fakeEntra({
    token(form, count) {
      if (behaviour === "hangs") return silence();
      if (behaviour !== "refuses") return tokenAnswer(count, userFields(`refresh-number-${count}`));
      const sent = form.get("client_secret") ?? form.get("refresh_token");
      const error_description = `AADSTS50076: no (${sent}). Trace ID: x`;
      return Response.json({ error, error_description }, { status: 400 });
    },
  }));
  const home = opened.use(await tempDir());
  const platform = createPlatform("linux", (name) => name === "HOME" ? home.path : undefined);
  const source = opened.use(credentialSource(entra.authority, {}, { platform }));
  if (behaviour !== "absent") {
    const at = behaviour === "other-cloud" ? "https://elsewhere.example" : entra.authority;
    const { msal, signIn } = await signInAt(at);
    await Deno.mkdir(platform.stateDirectory, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(
      `${platform.stateDirectory}/login.json`,
      writeState({ ...nothing, msal, signIns: [signIn] }),
      { mode: 0o600 },
    );
  }
  const owned = opened.move();
  return {
    source,
    secrets: [REFRESH_TOKEN, SECRET],
    requests: () => entra.forms.length,
    lastTenant: () => entra.paths.findLast((path) => path.startsWith("POST"))?.split("/")[1],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

credentialContract("login (user)", {
  provider: loginProvider,
  refusal: {
    code: "credential-interaction",
    message: /AADSTS50076: no/,
    hint: new RegExp(`bastion login --tenant ${CLI_TENANT}`),
  },
  prepare: (behaviour) =>
    prepare(behaviour, "interaction_required", async (authority) => ({
      msal: await keptByMsal(authority),
      signIn: {
        id: "1",
        authority,
        kind: "user",
        tenant: CLI_TENANT,
        username: CLI_USER,
        clientId: AZURE_CLI_CLIENT_ID,
        homeAccountId: `${OBJECT}.${CLI_TENANT}`,
      },
    })),
  firstToken: "token-number-0",
});

credentialContract("login (service principal)", {
  provider: loginProvider,
  refusal: { code: "credential-refused", message: /AADSTS50076: no/, hint: /secret/ },
  prepare: (behaviour) =>
    prepare(behaviour, "invalid_client", (authority) =>
      Promise.resolve({
        msal: nothing.msal,
        signIn: {
          id: "1",
          authority,
          kind: "service-principal",
          tenant: CLI_TENANT,
          clientId: CLI_PRINCIPAL,
          proof: guarded({ secret: SECRET }),
        },
      })),
});
