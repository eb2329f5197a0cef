/** `/metadata/endpoints`: where a cloud's services are, for whoever asks, as `az cloud register` does. */

import type { ArmAnswer } from "./arm_answer.ts";
import { GRAPH } from "./token_audiences.ts";

/** Null for every other path. */
export function cloudMetadata(url: URL, endpoint: string, audience: string): ArmAnswer | null {
  if (!/^\/metadata\/endpoints\/?$/i.test(url.pathname)) return null;
  const authentication = {
    loginEndpoint: `${endpoint}/adfs`,
    audiences: [audience],
    tenant: "adfs",
    identityProvider: "ADFS",
  };
  // The first version has one cloud, of Azure Stack's shape; later ones have a list.
  if (url.searchParams.get("api-version") === "2015-01-01") {
    return {
      body: {
        galleryEndpoint: `${endpoint}/gallery`,
        graphEndpoint: GRAPH,
        portalEndpoint: `${endpoint}/portal`,
        authentication,
      },
    };
  }
  return {
    body: [{
      name: "Emulator",
      resourceManager: endpoint,
      graph: GRAPH,
      graphAudience: GRAPH,
      portal: `${endpoint}/portal`,
      authentication,
      suffixes: {},
    }],
  };
}
