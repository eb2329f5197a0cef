import type { TargetResolver } from "../../../core/mod.ts";

/** `web1.app.bastion` is the VM that ssh's configuration means by it, wherever a target is named. */
export const hostWordResolver: TargetResolver = {
  name: "ssh-host",
  async resolve(word) {
    const { readHostWord } = await import("./host_word.ts");
    const meant = readHostWord(word);
    return meant === undefined ? undefined : { word: meant };
  },
};
