// Layer normalisation.

import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";

/** Epsilon that a layer norm adds to a variance, as assembly/kernel/norm.ts does: PyTorch's. */
export const EPSILON = 1e-5;

/** Reads the norm of a part that `of` names. Throws `bad-option`. */
export function readNorm(norm: unknown, of: string): "layer" {
  if (norm === "layer") return norm;
  throw new GraphError("bad-option", `The norm of ${of} is "layer", if it has one, not ${show(norm)}.`);
}
