import { targetOptions } from "../target/target_options.ts";
import { connectionOptions } from "../tunnel/connection_options.ts";
import type { Command } from "./plugin.ts";

/**
 * The command with TARGET before its arguments, the options that name targets before its own, and
 * those that say how connections are made behind them.
 */
export function withTarget(command: Command): Command {
  const { target, args = [], options } = command;
  if (target === undefined) return command;
  return {
    ...command,
    options: [...targetOptions(target), ...options, ...connectionOptions(target)],
    args: [
      {
        name: "TARGET",
        // Never required: az's options name targets as well, and a terminal's user can be asked.
        summary: "VM ([GROUP/]NAME, or [GROUP/]SCALE-SET/INSTANCE), resource id, private IP, " +
          `or alias${target.user ? "; USER@ may stand before it" : ""}`,
      },
      ...args,
    ],
  };
}
