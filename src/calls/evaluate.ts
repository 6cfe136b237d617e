// Evaluation: the cost and the metrics of data, in one pass or in pieces.

import { options } from "../base/options.js";
import { plain } from "../base/plain.js";
import { type Metric, readMetrics } from "../rules/metric.js";
import { type Bound, bind } from "./bind.js";
import { enter } from "./enter.js";
import type { Network } from "./network.js";
import { OutputRows } from "./outputs.js";
import { inPieces } from "./pieces.js";
import { acceptTargets, checkTargets } from "./range.js";
import { type Evaluation, score } from "./score.js";
import { accept } from "./status.js";
import { type DataOptions, readWeighting } from "./weighting.js";

export interface EvaluateOptions extends DataOptions {
  /** Metrics of each output; by default the accuracy, for entropy, crossEntropy and kl. */
  readonly metrics?: readonly Metric[];
}

/** Returns the cost and the metrics of each output. */
export function evaluate(net: Network, xs: unknown, ts: unknown, given: unknown): Evaluation {
  const { memory } = net;
  memory.still();
  const read = plain(given, "bad-option", "The options of evaluate");
  const { metrics, ...rest } = options(read, ["metrics", "sampleWeights", "mask"], "evaluate");
  if (metrics !== undefined) readMetrics(metrics);
  const weighting = given === undefined ? undefined : readWeighting(net.topology, rest, "evaluate", true);
  const isWeighted = weighting !== undefined;
  memory.still();
  const bound = bind(net, xs, ts, "cost", weighting, true);
  const { pass, rows } = bound;
  if (rows > pass.piece) return evaluateInPieces(net, bound, metrics, isWeighted);
  const { call } = memory.core;
  acceptTargets(memory, pass, rows, call.checkAll(pass.record, rows));
  return score(net, pass, rows, call.evaluate(pass.record, rows), metrics, isWeighted);
}

/** Evaluates more rows than a piece has. Keeps the outputs of all rows, and the states of other layers for one piece. */
function evaluateInPieces(net: Network, bound: Bound, metrics: unknown, isWeighted: boolean): Evaluation {
  const { memory, training } = net;
  const { core, arena } = memory;
  const { pass, rows } = bound;
  memory.ensure(pass, pass.piece);
  const blocks: number[] = [];
  try {
    const outputs = new OutputRows(net, pass, rows, (bytes, what) => {
      const block = arena.alloc(bytes, what);
      blocks.push(block);
      return block;
    });
    training.ensureCosts(pass, rows, isWeighted);
    const enterTargets = () => {
      const slots = isWeighted ? pass.weightedSlots : pass.slots;
      for (const slot of slots.slice(pass.inputs.length)) {
        const { data, name, size, states, matrix, layer } = slot;
        const isTarget = matrix === "target";
        enter(data, name, rows, size, core, states[matrix], isTarget ? layer.scaler : undefined);
        if (isTarget) checkTargets(memory, slot, states.target, rows, layer.scaler);
      }
    };
    inPieces(
      memory,
      bound,
      (first, count) => {
        accept(memory, pass, count, core.call.predict(pass.record, count));
        outputs.copy(first, count);
      },
      enterTargets,
    );
    return outputs.score([], metrics, isWeighted);
  } finally {
    for (const block of blocks) arena.free(block);
  }
}
