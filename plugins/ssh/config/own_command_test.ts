import assert from "node:assert/strict";
import type { CommandContext, Setting } from "../../../core/mod.ts";
import { givenOptions, placeWords } from "./own_command.ts";

Deno.test("givenOptions: what the config file says is left to it, unless a flag says otherwise", () => {
  const setting = (name: string, value: string, kind: "profile" | "file" | "variable") =>
    ({ path: [name], option: { name }, value, source: { kind } }) as unknown as Setting;
  const ctx = {
    configuration: {
      settings: () => [
        setting("bastion", "net/hub", "file"),
        setting("subscription", "mine", "profile"),
        setting("cloud", "china", "variable"),
      ],
    },
  } as unknown as CommandContext;
  const given = givenOptions(
    { bastion: "net/hub", subscription: "other", cloud: "china", profile: "work", port: 0 },
    "x",
    ctx,
  );
  assert.deepEqual(given, { subscription: "other", cloud: "china", profile: "work", port: 0 });
  assert.deepEqual(placeWords(given), ["--subscription=other"]);
});
