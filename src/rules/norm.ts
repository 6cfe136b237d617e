// Norms of a layer's sums.

import { GraphError } from "../base/error.js";
import { isObject, named, options } from "../base/options.js";
import { show } from "../base/text.js";

/** Epsilon that a norm adds to a variance, as assembly/kernel/norm.ts does: PyTorch's. */
export const EPSILON = 1e-5;

/** A norm over all units of a sample, or over all positions of each of some runs of channels. */
export type Norm = "layer" | { readonly name: "group"; readonly groups: number };

const norms = { layer: 0, group: 0 };

/** Reads the norm of a part that `of` names. Throws `bad-option`. */
export function readNorm(norm: unknown, of: string): Norm {
  const form = '{ name: "group", groups }';
  const given = isObject(norm) && "name" in norm ? norm.name : norm;
  if (typeof given === "string" && /^batch/i.test(given)) {
    const why = "it would make a sample depend on its batch, and fail for one sample";
    throw new GraphError(
      "bad-option",
      `The norm of ${of} can't be ${show(given)}: ${why}; ${form} does its work.`,
    );
  }
  const { name, read } = named(norm, norms, `The norm of ${of}`);
  if (name === "layer") {
    if (read !== undefined) options(read, ["name"], `the norm of ${of}`);
    return name;
  }
  const { groups } = options(read, ["name", "groups"], `the norm of ${of}`);
  if (Number.isInteger(groups) && (groups as number) >= 1)
    return Object.freeze({ name, groups: groups as number });
  throw new GraphError(
    "bad-option",
    `The groups of the norm of ${of} are a whole number ≥ 1, as in ${form}, not ${show(groups)}.`,
  );
}

/** Returns the number of groups of a norm. */
export function groupsOf(norm: Norm): number {
  return norm === "layer" ? 1 : norm.groups;
}

/** Refuses groups that don't divide the channels of a layer. Throws `bad-option`. */
export function checkGroups(norm: Norm | undefined, channels: number, of: string): void {
  if (norm === undefined || channels % groupsOf(norm) === 0) return;
  const wrong = `${groupsOf(norm)} groups don't divide its ${channels} channels`;
  throw new GraphError("bad-option", `The norm of ${of} can't be so: ${wrong}.`);
}
