// Rows of a dataset: the binding of all rows to a network's layers, and datasets of some rows.

import { reading } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Data } from "../base/read.js";
import { fillSlots } from "../calls/bind.js";
import type { Bound } from "../calls/bound.js";
import { detach } from "../calls/enter.js";
import type { Network } from "../calls/network.js";
import { datasetWeighting } from "../calls/weighting.js";
import type { Slot } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";
import { type Dataset, dataset } from "./dataset.js";

/** Returns a dataset with copies in place of live views of the engine's memory. Throws `bad-shape`, `bad-option`, `disposed`. */
export function detachData({ memory }: Network, data: Dataset): Dataset {
  const { xs, ts, ...weighting } = dataset(data);
  return reading("bad-shape", "The data", () => {
    const copies = { xs: detach(memory.core, xs), ts: detach(memory.core, ts) };
    const read = plain(weighting, "bad-option", "The options of a dataset");
    memory.live();
    return { ...copies, ...(read as object) } as Dataset;
  });
}

/** A dataset, bound to the pass of its targets' outputs. */
export interface BoundDataset extends Bound {
  /** Its slots: with loss weights if samples or units are weighted. */
  readonly slots: readonly Slot[];
}

/** Binds a dataset to the slots of its pass. If it is scored, weights must be non-negative. Throws as `train` does for data. */
export function bindDataset(network: Network, data: Dataset, isScored: boolean): BoundDataset {
  const { xs, ts } = data;
  const pass = network.memory.pass(reading("bad-shape", "The targets", () => network.targets.outputsOf(ts)));
  const weighting = datasetWeighting(network.topology, data, isScored);
  const rows = fillSlots(network, pass, xs, ts, weighting);
  return { pass, rows, slots: weighting === undefined ? pass.slots : pass.weightedSlots };
}

type TakeRows = (data: Data, width: number) => Data;

/** Returns the rows [from, to) of a bound dataset. */
export function sliceRows(bound: Bound, data: Dataset, from: number, to: number): Dataset {
  return copyRows(bound, data, (values, width) => values.slice(from * width, to * width) as Data);
}

/** Returns the listed rows of a bound dataset, in the order of the list. */
export function selectRows(bound: Bound, data: Dataset, list: readonly number[]): Dataset {
  return copyRows(bound, data, (values, width) => {
    const result = values.slice(0, list.length * width) as unknown[];
    list.forEach((row, i) => {
      for (let j = 0; j < width; j++) result[i * width + j] = values[row * width + j];
    });
    return result as unknown as Data;
  });
}

function copyRows(bound: Bound, data: Dataset, take: TakeRows): Dataset {
  return reading("bad-shape", "The data", () => copyMembers(bound, data, take));
}

function copyMembers({ pass, rows }: Bound, data: Dataset, take: TakeRows): Dataset {
  const { xs, ts, sampleWeights, mask } = data;
  /** Takes rows, which are elements of a nested array, and runs of numbers in a flat one. */
  const of = (values: Data) => take(values, values.length / rows);
  const each = (given: object, layers: readonly LayerNode[]) => {
    const result = Object.create(null);
    for (const { name } of layers) {
      const values = Object.hasOwn(given, name) ? (given as Record<string, Data>)[name] : undefined;
      if (values !== undefined) result[name] = of(values);
    }
    return result;
  };
  return {
    xs: each(xs, pass.inputs),
    ts: each(ts, pass.outputs),
    ...(sampleWeights === undefined ? {} : { sampleWeights: of(sampleWeights) as typeof sampleWeights }),
    ...(mask === undefined ? {} : { mask: each(mask, pass.outputs) }),
  };
}
