// The steps of a call, and the state that it continues: options of all calls with data.

import { GraphError } from "../base/error.js";
import { number } from "../base/options.js";
import { isTyped, type Vector } from "../base/read.js";
import { show } from "../base/text.js";
import type { Topology } from "../model/topology.js";
import { Past } from "./past.js";

/** Options of calls whose data has steps. */
export interface TimeOptions {
  /** Steps of each sample: one number for all, or one for each sample. Data of three levels shows them. */
  readonly steps?: number | Vector;
  /** State to begin from, made by `graph.state`. Without `steps` the data is one step, k × size. */
  readonly state?: StateLike;
}

/** A `State`. */
export interface StateLike {
  readonly rows: number;
  readonly steps: number;
}

/** The steps of a call, and the values from before the first one. */
export interface Timing {
  /** One number for all samples, or one for each; `undefined` where the data shows them. */
  readonly steps: number | readonly number[] | undefined;
  readonly past: Past | undefined;
  /** Rows of the past that the samples are; all of them by default. */
  readonly chosen?: ArrayLike<number>;
}

/** The timing of calls that name one step, and no state. */
const ONE_STEP: Timing = { steps: 1, past: undefined };

/**
 * Reads the steps and the state of a call; `undefined` if it names neither. `steps` is a copy. Throws `bad-option`,
 * `foreign-layer`.
 */
export function readTiming(topology: Topology, steps: unknown, state: unknown): Timing | undefined {
  if (state === undefined) {
    if (steps === undefined) return undefined;
    if (steps === 1) return ONE_STEP;
    return { steps: readSteps(steps), past: undefined };
  }
  return { steps: steps === undefined ? undefined : readSteps(steps), past: readState(topology, state) };
}

/** Reads a number of steps, or one for each sample. Throws `bad-option`. */
export function readSteps(steps: unknown): number | readonly number[] {
  const bounds = { least: 1, whole: true };
  if (Array.isArray(steps) || isTyped(steps)) {
    if (steps.length === 0)
      throw new GraphError("bad-option", "`steps` has no lengths: each sample has one.");
    return Array.from(steps as ArrayLike<unknown>, (length, r) =>
      number(length, bounds, `The length of sample ${r} in \`steps\``),
    );
  }
  return number(steps, bounds, "The number of `steps`, the same for all samples or in an array,");
}

function readState(topology: Topology, state: unknown): Past {
  const past = Past.of(state);
  if (past === undefined) {
    throw new GraphError(
      "bad-option",
      `The \`state\` is made by \`graph.state()\`, and is not ${show(state)}.`,
    );
  }
  past.check(topology);
  return past;
}
