// Evaluation: the cost and the metrics of data, in one pass or in pieces.

import { options } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Memory } from "../memory/memory.js";
import { useSteps } from "../memory/steps.js";
import { type Metric, readMetrics } from "../rules/metric.js";
import { bind } from "./bind.js";
import { enterSlot } from "./bindsteps.js";
import type { Bound } from "./bound.js";
import { carry } from "./carry.js";
import { enter } from "./enter.js";
import type { Network } from "./network.js";
import { OutputRows } from "./outputs.js";
import { inPieces } from "./pieces.js";
import { acceptTargets, checkTargets } from "./range.js";
import { type Evaluation, score } from "./score.js";
import type { Span } from "./sequence.js";
import { isSpanned, Spans, type Stepped } from "./spans.js";
import { accept } from "./status.js";
import { placeIn, rowsIn } from "./stepdata.js";
import { type DataOptions, readCall } from "./weighting.js";

export interface EvaluateOptions extends DataOptions {
  /** Metrics of each output; by default the accuracy, for entropy, crossEntropy and kl. */
  readonly metrics?: readonly Metric[];
}

/** Returns the cost and the metrics of each output. */
export function evaluate(net: Network, xs: unknown, ts: unknown, given: unknown): Evaluation {
  const { memory } = net;
  memory.still();
  const read = plain(given, "bad-option", "The options of evaluate");
  const known = ["metrics", "sampleWeights", "mask", "steps", "state"];
  const { metrics, ...rest } = options(read, known, "evaluate");
  if (metrics !== undefined) readMetrics(metrics);
  const { weighting, timing } = readCall(net.topology, given && rest, "evaluate", true);
  const isWeighted = weighting !== undefined;
  memory.still();
  const bound = bind(net, xs, ts, "cost", weighting, true, timing);
  const { pass, rows, steps } = bound;
  if (steps !== undefined) {
    const stepped = { ...bound, steps };
    if (isSpanned(stepped)) return evaluateInSpans(net, stepped, metrics, isWeighted);
  } else if (rows > pass.piece) return evaluateInPieces(net, bound, metrics, isWeighted);
  const { call } = memory.core;
  acceptTargets(memory, pass, rows, call.checkAll(pass.record, rows));
  const evaluation = score(net, pass, rows, call.evaluate(pass.record, rows), metrics, isWeighted);
  carry(memory, bound);
  return evaluation;
}

/** Evaluates more rows than a piece has. Keeps the outputs of all rows, and the states of other layers for one piece. */
function evaluateInPieces(net: Network, bound: Bound, metrics: unknown, isWeighted: boolean): Evaluation {
  const { memory, training } = net;
  const { core } = memory;
  const { pass, rows } = bound;
  memory.ensure(pass, pass.piece);
  return withBlocks(memory, (take) => {
    const outputs = new OutputRows(net, pass, rows, take);
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
  });
}

/** Evaluates more rows of steps than a piece has, in the same way. */
function evaluateInSpans(net: Network, bound: Stepped, metrics: unknown, isWeighted: boolean): Evaluation {
  const { memory, training } = net;
  const { pass, steps } = bound;
  const { times: whole, data } = steps;
  const spans = new Spans(net, bound);
  return withBlocks(memory, (take) => {
    const outputs = new OutputRows(net, pass, whole.samples, take, whole);
    training.ensureStepCosts(pass, whole, isWeighted);
    const all = { times: whole, first: 0, step: 0 };
    const enterTargets = () => {
      for (const one of data.slice(pass.inputs.length)) {
        const { slot, isTimed, scaler } = one;
        enterSlot(memory, one, whole, all);
        const rowName = (row: number) => placeIn(isTimed, whole, all, row);
        checkTargets(memory, slot, slot.states.target, rowsIn(one, all), scaler, rowName);
      }
    };
    const work = (span: Span) => {
      const { samples } = span.times;
      accept(memory, pass, samples, memory.core.call.predict(pass.record, samples));
      outputs.copySpan(whole, span);
    };
    spans.run(work, enterTargets);
    useSteps(memory, pass, whole, false);
    const evaluation = outputs.score([], metrics, isWeighted);
    spans.finish();
    return evaluation;
  });
}

/** Calls a function that allocates blocks by `take`, and frees them. */
function withBlocks<R>({ arena }: Memory, work: (take: (bytes: number, what: string) => number) => R): R {
  const blocks: number[] = [];
  try {
    return work((bytes, what) => {
      const block = arena.alloc(bytes, what);
      blocks.push(block);
      return block;
    });
  } finally {
    for (const block of blocks) arena.free(block);
  }
}
