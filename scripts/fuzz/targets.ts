/** Everything that is fuzzed. */

import type { FuzzTarget } from "./target.ts";
import { cloudFileTarget } from "./targets/cloud_file.ts";
import { commandWordsTarget } from "./targets/command_words.ts";
import { configFileTarget } from "./targets/config_file.ts";
import { emulatorWorldTarget } from "./targets/emulator_world.ts";
import { frameDecoderTarget } from "./targets/frame_decoder.ts";
import { frameRoundTripTarget } from "./targets/frame_round_trip.ts";
import { handshakeTarget } from "./targets/handshake.ts";
import { optionValuesTarget } from "./targets/option_values.ts";
import { proxyRulesTarget } from "./targets/proxy_rules.ts";
import { resourceIdTarget } from "./targets/resource_id.ts";
import { targetRequestTarget } from "./targets/target_request.ts";
import { tokenAnswerTarget } from "./targets/token_answer.ts";

export const fuzzTargets: readonly FuzzTarget[] = [
  frameDecoderTarget,
  frameRoundTripTarget,
  handshakeTarget,
  tokenAnswerTarget,
  resourceIdTarget,
  targetRequestTarget,
  proxyRulesTarget,
  commandWordsTarget,
  optionValuesTarget,
  emulatorWorldTarget,
  cloudFileTarget,
  configFileTarget,
];
