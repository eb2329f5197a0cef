/** What the worlds of the credentials' contract have in common. */

import type { Behaviour, PreparedCredential } from "../contract/credential_contract.ts";
import { userFields } from "./azure_cli_directory.ts";
import { type FakeEntra, fakeEntra, silence, tokenAnswer } from "./fake_entra.ts";

/** Entra, which repeats in its refusals what it was sent. */
export function entraThat(
  behaviour: Behaviour,
  error: string,
  other?: (request: Request) => Response,
): FakeEntra {
  return fakeEntra({
    token(form, count) {
      if (behaviour === "hangs") return silence();
      if (behaviour !== "refuses") return tokenAnswer(count, userFields(`refresh-number-${count}`));
      const sent = form.get("client_secret") ?? form.get("refresh_token") ??
        form.get("client_assertion");
      const error_description = `AADSTS50076: no (${sent}). Trace ID: x`;
      return Response.json({ error, error_description }, { status: 400 });
    },
    ...(other ? { other } : {}),
  });
}

/** Ends everything that a case has opened, the last first. */
export function prepared(
  parts: Omit<PreparedCredential, typeof Symbol.asyncDispose>,
  ...opened: readonly (AsyncDisposable | Disposable)[]
): PreparedCredential {
  return {
    ...parts,
    async [Symbol.asyncDispose]() {
      for (const one of [...opened].reverse()) {
        if (Symbol.asyncDispose in one) await one[Symbol.asyncDispose]();
        else one[Symbol.dispose]();
      }
    },
  };
}

/** The tenant in the path of the last token request. */
export const lastTenantOf = (entra: FakeEntra) => () =>
  entra.paths.findLast((path) => path.startsWith("POST"))?.split("/")[1];
