import { POD_DOMAIN } from "./data_plane.ts";
import { RESOURCE_MANAGER, VM_SIGN_IN } from "./token_audiences.ts";
import { writePrivate } from "./write_private.ts";

/** For BASTION_CLOUD_FILE: where this emulator's Azure is, and whom to trust. */
export async function writeCloudFile(
  file: string,
  { endpoint, caFile }: { readonly endpoint: string; readonly caFile: string },
): Promise<void> {
  const cloud = {
    name: "Emulator",
    resourceManager: endpoint,
    authority: endpoint,
    audience: RESOURCE_MANAGER,
    sshCertificateScope: `${VM_SIGN_IN}/.default`,
    dataPodSuffix: POD_DOMAIN,
    caFile,
  };
  await writePrivate(file, JSON.stringify(cloud));
}
