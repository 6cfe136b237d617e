// Some rows of a dataset: from one on to another, or those of a list.

import type { Data, Dataset } from "../types.js";

type Taken = (data: Data, width: number) => Data;

/** The rows from `from` to before `to` of all that a dataset of `rows` rows has. */
export function part(data: Dataset, rows: number, from: number, to: number): Dataset {
  return taken(data, rows, (values, width) => values.slice(from * width, to * width) as Data);
}

/** The rows of a list, in its order. */
export function chosen(data: Dataset, rows: number, list: readonly number[]): Dataset {
  return taken(data, rows, (values, width) => {
    const result = values.slice(0, list.length * width) as unknown[];
    list.forEach((row, i) => {
      for (let j = 0; j < width; j++) result[i * width + j] = values[row * width + j];
    });
    return result as unknown as Data;
  });
}

function taken({ xs, ts, sampleWeights, mask }: Dataset, rows: number, take: Taken): Dataset {
  /** Rows are elements of a nested array, and so many numbers of a flat one. */
  const of = (values: Data) => take(values, values.length / rows);
  const each = (record: object) => {
    const result = Object.create(null);
    for (const [name, values] of Object.entries(record)) if (values !== undefined) result[name] = of(values);
    return result;
  };
  return {
    xs: each(xs),
    ts: each(ts),
    ...(sampleWeights === undefined ? {} : { sampleWeights: of(sampleWeights) as typeof sampleWeights }),
    ...(mask === undefined ? {} : { mask: each(mask) }),
  };
}
