/** The fields that the kinds of things in a world share. */

import { z } from "zod";

export const guid = z.string().regex(
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  "must be a GUID, as 0e0e0e0e-0000-4000-8000-000000000001",
);

export const resourceName = z.string().regex(
  /^[A-Za-z0-9]([\w.-]{0,78}\w)?$/,
  "must be 1–80 letters, digits, dots, hyphens and underscores",
);

const resourceGroup = z.string().regex(
  /^[\w.()-]{0,89}[\w()-]$/,
  "must be 1–90 letters, digits, dots, hyphens, underscores and parentheses",
);

/** A VNet: its name, `group/name` or id; the first of the file where it is left out. */
export const networkReference = z.string().min(1, "must be a VNet's name, group/name or id");

/** What stands in a resource group; without a subscription, in that of the first subscription. */
export const placed = {
  name: resourceName,
  resourceGroup,
  subscription: guid.optional(),
};
