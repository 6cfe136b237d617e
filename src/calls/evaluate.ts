// Evaluation: the cost and the metrics of data, in one pass or in pieces.

import { options } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Pass } from "../memory/pass.js";
import { type Metric, readMetrics } from "../rules/metric.js";
import { Kept } from "./kept.js";
import type { Network } from "./network.js";
import { type Evaluation, score } from "./score.js";
import { accept } from "./status.js";
import type { DataOptions } from "./weighting.js";

export interface EvaluateOptions extends DataOptions {
  /** Metrics of each output; by default the accuracy, for entropy, crossEntropy and kl. */
  readonly metrics?: readonly Metric[];
}

/** The cost and the metrics of each output. */
export function evaluate(net: Network, xs: unknown, ts: unknown, given: unknown): Evaluation {
  const { memory, binding } = net;
  const read = plain(given, "bad-option", "The options of evaluate");
  const { metrics, ...rest } = options(read, ["metrics", "sampleWeights", "mask"], "evaluate");
  if (metrics !== undefined) readMetrics(metrics);
  const counts = given === undefined ? undefined : binding.counts(rest, "evaluate", true);
  memory.still();
  const pass = binding.aim(xs, ts, "cost", counts, true);
  const { rows } = pass;
  const { call } = memory.core;
  if (rows > pass.piece) return evaluateInPieces(net, pass, metrics, counts !== undefined);
  accept(memory, pass, rows, call.checkAll(pass.record, rows));
  return score(memory, pass, rows, call.evaluate(pass.record, rows), metrics, counts !== undefined);
}

/** The same for more rows than a piece has: all rows of the outputs are kept, and of other layers those of a piece. */
function evaluateInPieces(
  { memory, binding }: Network,
  pass: Pass,
  metrics: unknown,
  isWeighed: boolean,
): Evaluation {
  memory.ensure(pass, pass.piece, "states");
  const blocks: number[] = [];
  try {
    const kept = new Kept(memory, pass, pass.rows, (bytes, what) => {
      const block = memory.arena.alloc(bytes, what);
      blocks.push(block);
      return block;
    });
    binding.inPieces(pass, isWeighed, true, (first, count) => {
      accept(memory, pass, count, memory.core.call.predict(pass.record, count));
      kept.keep(first, count);
    });
    return kept.score(
      pass.outputs.map(() => ({})),
      metrics,
      isWeighed,
    );
  } finally {
    for (const block of blocks) memory.arena.free(block);
  }
}
