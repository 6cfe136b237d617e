// Some rows of the data that a pass needs: from one on to another, or those of a list.

import { reading } from "../base/options.js";
import type { Data } from "../base/read.js";
import type { Pass } from "../memory/pass.js";
import type { LayerNode } from "../model/node.js";
import type { Dataset } from "./dataset.js";

type TakeRows = (data: Data, width: number) => Data;

/** The rows from `from` to before `to` of a dataset of `rows` rows. */
export function sliceRows(pass: Pass, data: Dataset, rows: number, from: number, to: number): Dataset {
  return copyRows(pass, data, rows, (values, width) => values.slice(from * width, to * width) as Data);
}

/** The rows of a list, in its order. */
export function selectRows(pass: Pass, data: Dataset, rows: number, list: readonly number[]): Dataset {
  return copyRows(pass, data, rows, (values, width) => {
    const result = values.slice(0, list.length * width) as unknown[];
    list.forEach((row, i) => {
      for (let j = 0; j < width; j++) result[i * width + j] = values[row * width + j];
    });
    return result as unknown as Data;
  });
}

function copyRows(pass: Pass, data: Dataset, rows: number, take: TakeRows): Dataset {
  return reading("bad-shape", "The data", () => copyMembers(pass, data, rows, take));
}

function copyMembers(
  pass: Pass,
  { xs, ts, sampleWeights, mask }: Dataset,
  rows: number,
  take: TakeRows,
): Dataset {
  /** Rows are elements of a nested array, and so many numbers of a flat one. */
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
