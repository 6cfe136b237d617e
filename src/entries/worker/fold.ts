// The thread's side of a fold: its rows of the data, and its scores.

import { evaluate } from "../../calls/evaluate.js";
import type { Network } from "../../calls/network.js";
import type { Evaluation } from "../../calls/score.js";
import type { Dataset } from "../../fit/dataset.js";
import { bindDataset, selectRows } from "../../fit/rows.js";
import type { PageMessage } from "./message.js";

type Rows = NonNullable<Extract<PageMessage, { kind: "begin" }>["fold"]>;

/** The datasets of a fold. */
export interface FoldData {
  readonly trained: Dataset;
  readonly heldOut: Dataset;
}

/** Returns the datasets of a fold. Throws as `fit` does for data. */
export function foldOf(network: Network, data: Dataset, { rows, heldOut }: Rows): FoldData {
  const bound = bindDataset(network, data, true);
  return { trained: selectRows(bound, data, rows), heldOut: selectRows(bound, data, heldOut) };
}

/** Returns the scores of a trained network on the held-out rows. Throws as `evaluate` does. */
export function scoresOf(network: Network, { heldOut }: FoldData, metrics: unknown): Evaluation {
  const { xs, ts, ...weighting } = heldOut;
  return evaluate(network, xs, ts, metrics === undefined ? weighting : { ...weighting, metrics });
}
