// Rows of a dataset: the binding of all rows to a network's layers, and datasets of some rows. A row is a sample.

import { hasSteps } from "../base/nested.js";
import { reading } from "../base/options.js";
import { plain } from "../base/plain.js";
import { type Data, LEVELS } from "../base/read.js";
import { fillSlots } from "../calls/bind.js";
import { readStepData } from "../calls/bindsteps.js";
import type { Bound } from "../calls/bound.js";
import { detach } from "../calls/enter.js";
import type { Network } from "../calls/network.js";
import { readTiming } from "../calls/timing.js";
import { datasetWeighting } from "../calls/weighting.js";
import type { Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";
import { hasWindows, type WindowOptions } from "./carried.js";
import { type Dataset, dataset } from "./dataset.js";

/** Returns a dataset with copies in place of live views of the engine's memory. Throws `bad-shape`, `bad-option`, `disposed`. */
export function detachData({ memory }: Network, data: Dataset): Dataset {
  const { xs, ts, ...options } = dataset(data);
  return reading("bad-shape", "The data", () => {
    const copies = { xs: detach(memory.core, xs), ts: detach(memory.core, ts) };
    const read = plain(options, "bad-option", "The options of a dataset");
    memory.live();
    return { ...copies, ...(read as object) } as Dataset;
  });
}

/** A dataset, bound to the pass of its targets' outputs. */
export interface BoundDataset extends Bound {
  /** Its slots: with loss weights if samples or units are weighted. Data with steps has left them. */
  readonly slots: readonly Slot[];
}

/**
 * Binds a dataset to the slots of its pass. If it is scored, weights must be non-negative. In a run with windows, data without
 * steps counts as one step if a state is carried, or if no layer needs steps. Throws as `train` does for data.
 */
export function bindDataset(
  network: Network,
  data: Dataset,
  isScored: boolean,
  options: WindowOptions = {},
): BoundDataset {
  const { topology, memory, targets } = network;
  const { xs, ts } = data;
  const pass = memory.pass(reading("bad-shape", "The targets", () => targets.outputsOf(ts)));
  const weighting = datasetWeighting(topology, data, isScored);
  const slots = weighting === undefined ? pass.slots : pass.weightedSlots;
  const timing = readTiming(topology, data.steps, undefined);
  const isPlain = timing === undefined && !pass.needsTime && !hasWindows(options);
  const rows = fillSlots(network, pass, xs, ts, weighting, isPlain);
  if (rows !== LEVELS) return { pass, rows, slots };
  return memory.read("bad-shape", "The data", () => {
    const isLeveled = pass.slots.some(
      ({ layer, nests, data }) => pass.isTimed(layer) && hasSteps(data, nests),
    );
    const hasOne = hasWindows(options) && (options.carry || !pass.needsTime) && !isLeveled;
    const read = timing ?? (hasOne ? readTiming(topology, 1, undefined) : undefined);
    const steps = readStepData(network, pass, pass.slots, read, weighting);
    return { pass, rows: steps.times.samples, slots, steps };
  });
}

/** Returns the rows [from, to) of a bound dataset. */
export function sliceRows(bound: Bound, data: Dataset, from: number, to: number): Dataset {
  return selectRows(
    bound,
    data,
    Array.from({ length: to - from }, (_, i) => from + i),
  );
}

/** Returns the listed rows of a bound dataset, in the order of the list. */
export function selectRows(bound: Bound, data: Dataset, list: readonly number[]): Dataset {
  return reading("bad-shape", "The data", () => copyMembers(bound, data, list));
}

function copyMembers({ pass, rows, steps }: Bound, data: Dataset, list: readonly number[]): Dataset {
  const { xs, ts, sampleWeights, mask, steps: given } = data;
  const times = steps?.times;
  const most = times && list.reduce((longest, row) => Math.max(longest, times.lengthOf(row)), 1);
  const of = (values: Data, isTimed: boolean) => {
    const width = values.length / rows;
    // Padded data ends at the longest sample, which is another one in the copy.
    const isPadded = isTimed && width > 1 && times !== undefined;
    return take(values, list, width, isPadded ? (width / times.steps) * most! : width);
  };
  const each = (given: object, layers: readonly LayerNode[]) => {
    const result = Object.create(null);
    for (const layer of layers) {
      const { name } = layer;
      const values = Object.hasOwn(given, name) ? (given as Record<string, Data>)[name] : undefined;
      if (values !== undefined) result[name] = of(values, pass.isTimed(layer));
    }
    return result;
  };
  const lengths = given as number | ArrayLike<number> | undefined;
  return {
    xs: each(xs, pass.inputs),
    ts: each(ts, pass.outputs),
    ...(sampleWeights === undefined
      ? {}
      : { sampleWeights: of(sampleWeights, true) as typeof sampleWeights }),
    ...(mask === undefined ? {} : { mask: each(mask, pass.outputs) }),
    ...(lengths === undefined
      ? {}
      : { steps: typeof lengths === "number" ? lengths : list.map((row) => lengths[row]!) }),
  };
}

/**
 * Returns the listed rows of some data, which are elements of a nested array, and runs of numbers in a flat one. Of the
 * `width` elements of a row it takes the first `kept`.
 */
function take(values: Data, list: readonly number[], width: number, kept: number): Data {
  const from = list[0]!;
  if (kept === width && list.every((row, i) => row === from + i)) {
    return values.slice(from * width, (from + list.length) * width) as Data;
  }
  const result = values.slice(0, list.length * kept) as unknown[];
  list.forEach((row, i) => {
    for (let j = 0; j < kept; j++) result[i * kept + j] = values[row * width + j];
  });
  return result as unknown as Data;
}
