// Sample weights, masks and class numbers, converted to loss weights and targets for the core.

import { advice } from "../base/advice.js";
import { GraphError } from "../base/error.js";
import { unfold } from "../base/nested.js";
import { options } from "../base/options.js";
import { plain } from "../base/plain.js";
import { holds, type Precision } from "../base/precision.js";
import { bad, type Data, filled, isNested, isRecord, readNumbers, type Vector, zeros } from "../base/read.js";
import { show } from "../base/text.js";
import type { Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";
import type { Topology } from "../model/topology.js";
import { nestings, product, type Shape, spellShape } from "../rules/shape.js";
import { badClass, isClass, positionText } from "./classes.js";
import { readTiming, type TimeOptions, type Timing } from "./timing.js";

/** Weights of samples and units in the cost, Σ w · m · loss / rows; and steps of samples. */
export interface DataOptions extends TimeOptions {
  /**
   * A number for each sample, or with steps for each step of each; 1 by default. May be negative (advantages) if no metrics
   * are computed.
   */
  readonly sampleWeights?: Vector | readonly Vector[];
  /**
   * By outputs' names: a non-negative number for each row, or for each unit of each row. With steps, a row is a step of a
   * sample. Targets of weight 0 are not looked at.
   */
  readonly mask?: Readonly<Record<string, Data>>;
}

/**
 * Reads a number for each sample, or for each unit of it, as (rows, product of `shape`). Throws `bad-shape`, `not-finite`;
 * `bad-option` below `least`.
 */
function weights(data: unknown, what: string, rows: number, shape: Shape, least: number): Float64Array {
  const size = product(shape);
  const given = unfoldWeights(data, `For ${what}, the data`, shape);
  const nested = isNested(given);
  if (nested && given.length !== rows) {
    throw new GraphError("bad-shape", `For ${what} there are ${rows} rows, not ${given.length}.`);
  }
  const isEach = nested ? given[0]!.length === 1 : (given as { length?: unknown } | null)?.length === rows;
  const width = isEach ? 1 : size;
  const each = nested
    ? Array.from(given, (row, r) => [...readNumbers(row, `${what}, row ${r},`, width)]).flat()
    : readNumbers(given, what, rows * width);
  each.forEach((value, i) => {
    const at = `For ${what}, number ${i} is ${value}`;
    if (!Number.isFinite(value)) throw new GraphError("not-finite", `${at}.`);
    if (value < least)
      throw new GraphError(
        "bad-option",
        `${at}; in masks, and where metrics are computed, it is at least 0.`,
      );
  });
  return filled(rows * size, what, (i) => each[width === size ? i : Math.floor(i / size)]!);
}

/** Returns a mask with the nested samples of a layer's shape as rows. Throws `bad-shape`; `what` names the mask. */
export function unfoldWeights(data: unknown, what: string, shape: Shape): unknown {
  return unfold(data, nestings(shape), (fault) => {
    const wanted = `a number for each sample, or for each unit of ${spellShape(shape)}`;
    return new GraphError("bad-shape", `${what} ${fault}; expected ${wanted}.`);
  });
}

/** Sample weights, and masks of outputs, as they were given to a call. */
export interface Weighting {
  readonly sampleWeights: unknown;
  readonly mask: Readonly<Record<string, unknown>> | undefined;
  /** Whether metrics are computed, which are means over the weights, so that none may be negative. */
  readonly isScored: boolean;
}

/**
 * Reads the options of a call, or of a dataset, with targets. Returns undefined if nothing is weighted. `isScored` says
 * whether metrics are computed. Throws `bad-option`, `unknown-layer`, `not-an-output`.
 */
export function readWeighting(
  topology: Topology,
  given: unknown,
  of: string,
  isScored = false,
): Weighting | undefined {
  if (given === undefined) return undefined;
  const read = plain(given, "bad-option", `The options of ${of}`);
  const { sampleWeights, mask } = options(read, ["sampleWeights", "mask"], of);
  if (mask !== undefined && !isRecord(mask)) {
    throw new GraphError("bad-option", `A mask is an object by outputs' names, not ${show(mask)}.`);
  }
  for (const name of Object.keys(mask ?? {})) topology.output(name);
  if (sampleWeights === undefined && mask === undefined) return undefined;
  return { sampleWeights, mask, isScored };
}

/** The options of a call with data. */
export interface CallOptions {
  readonly weighting: Weighting | undefined;
  readonly timing: Timing | undefined;
}

/**
 * Reads the weights, the steps and the state of a call. Throws as `readWeighting` and `readTiming` do.
 */
export function readCall(topology: Topology, given: unknown, of: string, isScored = false): CallOptions {
  if (given === undefined) return { weighting: undefined, timing: undefined };
  const known = ["sampleWeights", "mask", "steps", "state"];
  const { steps, state, ...rest } = options(given, known, of);
  const timing = readTiming(topology, plain(steps, "bad-option", "The `steps`"), state);
  return { weighting: readWeighting(topology, rest, of, isScored), timing };
}

/** Reads the weights of a dataset's samples and units. Throws as `readWeighting` does. */
export function datasetWeighting(
  topology: Topology,
  { sampleWeights, mask }: DataOptions,
  isScored = false,
): Weighting | undefined {
  if (sampleWeights === undefined && mask === undefined) return undefined;
  return readWeighting(topology, { sampleWeights, mask }, "a dataset", isScored);
}

/**
 * Returns the loss weights of an output, (rows, size): sample weight times mask. Throws as `weights` does; `not-finite` also
 * for a weight beyond the graph's precision.
 */
export function lossWeights(
  { sampleWeights, mask, isScored }: Weighting,
  { name, size, shape }: LayerNode,
  rows: number,
  precision: Precision,
): Float64Array {
  const least = isScored ? 0 : -Infinity;
  const samples =
    sampleWeights === undefined ? undefined : weights(sampleWeights, "the sample weights", rows, [1], least);
  const own = mask !== undefined && Object.hasOwn(mask, name) ? mask[name] : undefined;
  const units = own === undefined ? undefined : weights(own, `the mask of ${show(name)}`, rows, shape, 0);
  const found = filled(
    rows * size,
    `what ${show(name)} counts`,
    (i) => (samples?.[Math.floor(i / size)] ?? 1) * (units?.[i] ?? 1),
  );
  const wrong = found.findIndex((weight) => !holds(precision, weight));
  if (wrong < 0) return found;
  const place = `row ${Math.floor(wrong / size)}, unit ${wrong % size} of ${show(name)} counts ${found[wrong]}`;
  throw new GraphError("not-finite", `By the sample weights and the mask, ${place}, in ${precision}.`);
}

/** Returns targets, rows × size, with zeros in place of those with weight 0, whatever their values. */
export function masked(data: unknown, lossWeights: Float64Array, size: number): unknown[] {
  const nested = isNested(data);
  return Array.from(lossWeights, (weight, i) => {
    if (weight === 0) return 0;
    return nested ? data[Math.floor(i / size)]![i % size] : (data as ArrayLike<unknown>)[i];
  });
}

/**
 * Returns one-hot rows for class numbers, one for each position of a sample. Doesn't look at those of weight 0. Throws
 * `bad-target`, `bad-shape`.
 */
export function oneHot(
  data: ArrayLike<unknown>,
  { name, size, parts, also }: Slot,
  lossWeights?: Float64Array,
): Float64Array {
  const mixed = size / parts;
  const rows = zeros(data.length * mixed, `the classes of ${show(name)}`);
  for (let r = 0; r < data.length; r++) {
    const value = data[r];
    if (lossWeights?.subarray(r * mixed, (r + 1) * mixed).every((weight) => weight === 0)) continue;
    const place = `row ${Math.floor(r / parts)}${positionText(r, parts)}`;
    if (typeof value !== "number") {
      const given = r in data ? show(value) : "a hole";
      throw bad(name, `has ${given} as ${place}`, size, advice(value), also);
    }
    if (!isClass(value, mixed)) throw badClass(`The target of ${show(name)}`, value, place, mixed);
    rows[r * mixed + value] = 1;
  }
  return rows;
}
