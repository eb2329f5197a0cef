import { z } from "zod";
import { nearest } from "./nearest.ts";

/** An object schema that names an unknown key and the one that was probably meant. */
export function strictObject<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      return issue.keys.map((key) => {
        const meant = nearest(key, known);
        const remedy = meant ? `did you mean "${meant}"?` : `known are ${known.join(", ")}`;
        return `unknown key "${key}"; ${remedy}`;
      }).join("; ");
    },
  });
}
