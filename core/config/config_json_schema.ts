/** The JSON Schema of the config file, for editors: from the same shape that the program checks by. */

import type { Option } from "../plugin/plugin.ts";
import type { Member, Shape } from "./config_shape.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

export function configJsonSchema(shape: Shape): JsonSchema {
  return {
    "$schema": "http://json-schema.org/draft-07/schema#",
    title: "The config file of bastion",
    ...schemaOf(shape, true),
  };
}

/** @param complete whether what is required must be there: not so among the defaults of a command */
function schemaOf(shape: Shape, complete: boolean): JsonSchema {
  switch (shape.kind) {
    case "option":
      return optionSchema(shape.option);
    case "keys":
      return keysSchema(shape.keys, complete);
    case "names":
      return { type: "object", additionalProperties: schemaOf(shape.value, complete) };
    case "short":
      return { anyOf: [optionSchema(shape.option), keysSchema(shape.keys, complete)] };
  }
}

function keysSchema(keys: ReadonlyMap<string, Member>, complete: boolean): JsonSchema {
  const required = complete
    ? [...keys].filter(([, member]) => member.required).map(([key]) => key)
    : [];
  return {
    type: "object",
    properties: Object.fromEntries(
      [...keys].map(([key, { summary, shape }]) => [key, {
        description: summary,
        ...schemaOf(shape, complete && key !== "defaults"),
      }]),
    ),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function optionSchema(option: Option): JsonSchema {
  switch (option.type) {
    case "boolean":
      return { type: "boolean" };
    case "string":
    case "strings":
    case "path":
      return { type: "string", minLength: 1 };
    case "integer":
      return { type: "integer", minimum: option.min, maximum: option.max };
    case "duration":
      return { type: ["integer", "string"], pattern: "^[0-9]+[smhSMH]?$", minimum: 0 };
    case "choice":
      // What a registry has depends on the plugins.
      return "from" in option.choices
        ? { type: "string", minLength: 1 }
        : { type: "string", enum: option.choices };
  }
}
