import type { TargetResolver } from "../../../core/mod.ts";
import { readHostWord } from "./host_word.ts";

/** `web1.app.bastion` is the VM that ssh's configuration means by it, wherever a target is named. */
export const hostWordResolver: TargetResolver = {
  name: "ssh-host",
  resolve(word) {
    const meant = readHostWord(word);
    return Promise.resolve(meant === undefined ? undefined : { word: meant });
  },
};
