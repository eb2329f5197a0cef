/** The clouds that the config file describes. */

import { dirname } from "node:path";
import type { Cloud } from "../core/azure/cloud.ts";
import { readCloud } from "../core/azure/read_cloud.ts";
import type { ConfigProblem } from "../core/config/config_error.ts";
import type { Setting } from "../core/config/configuration.ts";
import { isBastionError } from "../core/errors.ts";
import { groupSettings } from "./group_settings.ts";

/**
 * @param settings of the section `clouds`
 * @throws BastionError `cloud-file-invalid`
 */
export function configuredClouds(settings: readonly Setting[], file: string): Cloud[] {
  return [...groupSettings(settings)].map(([name, { values, line }]) =>
    readCloud({ name, ...values }, {
      label: `${file}:${line} (the cloud ${name})`,
      directory: dirname(file),
    })
  );
}

/** What is wrong with them that their keys alone do not tell: the first of each. */
export function cloudProblems(settings: readonly Setting[], file: string): ConfigProblem[] {
  return [...groupSettings(settings)].flatMap(([name, { line }]) => {
    try {
      configuredClouds(settings.filter(({ path }) => path[1] === name), file);
      return [];
    } catch (error) {
      if (!isBastionError(error, "cloud-file-invalid")) throw error;
      const problem = `clouds → ${name}: ${error.params["problem"]}`;
      return [{ line, column: 1, problem, remedy: "See: docs/guides/configuration.md." }];
    }
  });
}
