// Weights of samples, steps and units in the cost of a call with steps.

import { GraphError } from "../base/error.js";
import { holds, type Precision } from "../base/precision.js";
import { isNested, rowsOf, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { Times } from "../memory/times.js";
import type { LayerNode } from "../model/node.js";
import { product, type Shape } from "../rules/shape.js";
import { rowName, type Sequence, sequenceOf } from "./sequence.js";
import { eachRow, rowAt } from "./stepdata.js";
import { unfoldWeights, type Weighting } from "./weighting.js";

/** Weights by samples, or by steps of samples; `width` is 1, or the units of a layer. */
interface Weights {
  readonly sequence: Sequence;
  readonly isTimed: boolean;
  readonly least: number;
}

/**
 * Returns the loss weights of an output, (rows, size), in the core's order: sample weight times mask. Throws `bad-shape`,
 * `not-finite`, `bad-option`.
 */
export function lossWeightsByStep(
  { sampleWeights, mask, isScored }: Weighting,
  { name, size, shape }: LayerNode,
  isTimed: boolean,
  times: Times,
  precision: Precision,
): Float64Array {
  const least = isScored ? 0 : -Infinity;
  const own = mask !== undefined && Object.hasOwn(mask, name) ? mask[name] : undefined;
  const samples = sampleWeights === undefined ? undefined : sampleWeightsOf(sampleWeights, times, least);
  const units =
    own === undefined ? undefined : maskOf(own, `The mask of ${show(name)}`, shape, isTimed, times);
  const found = zeros((isTimed ? times.rows : times.samples) * size, `the weights of ${show(name)}`);
  const span = { times, first: 0, step: 0 };
  eachRow(isTimed, times, span, (sample, step, row) => {
    for (let i = 0; i < size; i++) {
      const weight = weightAt(samples, times, sample, step, i) * weightAt(units, times, sample, step, i);
      if (!holds(precision, weight)) {
        const place = `${rowName(isTimed, sample, step)}, unit ${i} of ${show(name)}`;
        throw new GraphError(
          "not-finite",
          `By the sample weights and the mask, ${place} counts ${weight}, in ${precision}.`,
        );
      }
      found[row * size + i] = weight;
    }
  });
  return found;
}

/** Returns the weights of samples, or of their steps. */
function sampleWeightsOf(given: unknown, times: Times, least: number): Weights {
  const what = "The list of sample weights";
  const { length } = Object(given) as { length?: unknown };
  if (!isNested(given) && length === times.samples) {
    return { sequence: { data: given, what, form: "flat", width: 1 }, isTimed: false, least };
  }
  return { sequence: sequenceOf(given, what, times, [1]), isTimed: true, least };
}

/** Returns the weights of an output's units, or of its rows. */
function maskOf(data: unknown, what: string, shape: Shape, isTimed: boolean, times: Times): Weights {
  const size = product(shape);
  const given = unfoldWeights(data, what, shape);
  if (isTimed)
    return { sequence: sequenceOf(given, what, times, size === 1 ? [1] : [size, 1]), isTimed, least: 0 };
  const { length } = Object(given) as { length?: unknown };
  const nested = isNested(given);
  const width = nested ? (given[0]!.length === 1 ? 1 : size) : length === times.samples ? 1 : size;
  if (rowsOf(given, what, width) !== times.samples) {
    throw new GraphError(
      "bad-shape",
      `${what} has ${String(length)} elements, for ${times.samples} samples.`,
    );
  }
  return { sequence: { data: given, what, form: nested ? "rows" : "flat", width }, isTimed, least: 0 };
}

/** Returns a weight, 1 without weights. Throws `bad-shape`, `not-finite`, `bad-option`. */
function weightAt(
  weights: Weights | undefined,
  times: Times,
  sample: number,
  step: number,
  unit: number,
): number {
  if (weights === undefined) return 1;
  const { sequence, isTimed, least } = weights;
  const [values, from] = rowAt(sequence, times, isTimed, sample, step);
  const value: unknown = values[from + (sequence.width === 1 ? 0 : unit)];
  const at = () =>
    `${sequence.what} has ${show(value)} in sample ${sample}${isTimed ? `, step ${step}` : ""}`;
  if (typeof value !== "number") throw new GraphError("bad-shape", `${at()}; expected a number.`);
  if (!Number.isFinite(value)) throw new GraphError("not-finite", `${at()}.`);
  if (value >= least) return value;
  throw new GraphError("bad-option", `${at()}; in masks, and where metrics are computed, it is at least 0.`);
}
