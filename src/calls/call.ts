// What a graph is called for, once it is made: a pass is chosen, data is put in its place, the core computes, and what came of it
// is copied out. graph.ts says of each call what it takes and throws.

import { GraphError, options } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Counts } from "../base/read.js";
import type { Place } from "../fit/source.js";
import type { Memory, Need } from "../memory/memory.js";
import type { Pass } from "../memory/pass.js";
import { isLabels, readMetrics, scores } from "../rules/metric.js";
import { losses } from "../rules/rule.js";
import type {
  Evaluation,
  FloatArray,
  Gradients,
  Loss,
  Metric,
  OutputScore,
  Precision,
  WeightGradient,
} from "../rules/types.js";
import { Kept } from "./kept.js";
import type { Net } from "./network.js";
import { accept, reached } from "./status.js";
import { enterUpstream, type Upstream } from "./upstream.js";

/** A record without a prototype, so that every name works. */
function record<V>(): Record<string, V> {
  return Object.create(null) as Record<string, V>;
}

/** The values of the named outputs. */
export function predict(net: Net, xs: unknown, given: unknown): Record<string, FloatArray<Precision>> {
  const { memory, intake } = net;
  memory.still();
  let outputs: unknown;
  if (given !== undefined) {
    const read = plain(given, "bad-option", "The options of predict");
    outputs = options(read, ["outputs"], "predict").outputs;
    memory.still();
  }
  const pass = intake.give(xs, outputs, true);
  const { rows } = pass;
  const results = record<FloatArray<Precision>>();
  if (rows > pass.piece) return predictInPieces(net, pass, results);
  accept(memory, pass, rows, memory.core.call.predict(pass.record, rows));
  for (const { $: layer } of pass.outputs) {
    const values = memory.copy(layer.post, rows * layer.size);
    if (layer.scaler !== undefined) values.set(layer.scaler.inverse(values));
    results[layer.name] = values;
  }
  return results;
}

/** The same for more rows than a piece has: a row's bits don't depend on the others, and states take a piece's room. */
function predictInPieces(
  { memory, intake }: Net,
  pass: Pass,
  results: Record<string, FloatArray<Precision>>,
) {
  for (const { $: l } of pass.outputs)
    results[l.name] = memory.blank(pass.rows * l.size, `the results of ${l.name}`);
  intake.inPieces(pass, false, false, (first, count) => {
    accept(memory, pass, count, memory.core.call.predict(pass.record, count));
    for (const { $: l } of pass.outputs) {
      const values = memory.view(l.post, count * l.size);
      results[l.name]!.set(l.scaler === undefined ? values : l.scaler.inverse(values), first * l.size);
    }
  });
  return results;
}

/** One step of the optimizer. Returns the cost before it. */
export function step(net: Net, xs: unknown, ts: unknown, counts: Counts | undefined): number {
  const { memory, intake } = net;
  memory.ask();
  return descend(memory, intake.aim(xs, ts, "gradients", counts));
}

/** One step with the data that a pass was given. Returns the cost before it. */
export function descend(memory: Memory, pass: Pass, place?: Place): number {
  const { rows } = pass;
  const { call } = memory.core;
  const cost = call.train(pass.record, rows);
  if (Number.isNaN(cost)) accept(memory, pass, rows, call.fault(), place);
  else reached(pass, rows);
  return cost;
}

/** Checks what was given for a pass with targets, and puts it into the engine's memory; the core then checks the numbers. */
function prepared({ memory, intake }: Net, xs: unknown, ts: unknown, need: Need, counts?: Counts) {
  const pass = intake.aim(xs, ts, need, counts);
  const { rows } = pass;
  accept(memory, pass, rows, memory.core.call.checkAll(pass.record, rows));
  return { pass, rows };
}

/** The derivatives of the cost, and the pass that they are of. */
export function gradients(net: Net, xs: unknown, ts: unknown, counts: Counts | undefined) {
  const { memory } = net;
  const { pass, rows } = prepared(net, xs, ts, "gradients", counts);
  const cost = memory.core.call.gradients(pass.record, rows);
  return { found: derivatives(memory, pass, cost), pass, rows };
}

/** The derivatives of a cost J that the caller computes, by its gradients dJ/dy; no step. */
export function upstreamGradients(net: Net, xs: unknown, upstream: Upstream): Gradients<Precision> {
  const { memory } = net;
  memory.still();
  const pass = enterUpstream(net, xs, upstream);
  const { call } = memory.core;
  accept(memory, pass, pass.rows, call.checkUpstream(pass.record, pass.rows));
  call.upstreamGradients(pass.record, pass.rows);
  return derivatives(memory, pass, 0);
}

/** One step of the optimizer along the gradients of such a cost. */
export function backward(net: Net, xs: unknown, upstream: Upstream): void {
  const { memory } = net;
  checkSchedule(memory);
  memory.ask();
  const pass = enterUpstream(net, xs, upstream);
  const { rows } = pass;
  const { call } = memory.core;
  if (Number.isNaN(call.backward(pass.record, rows))) {
    accept(memory, pass, rows, call.fault(), {}, call.upstreamGradients);
  }
  reached(pass, rows);
}

/** Refuses a step by itself where the rate follows epochs. Throws `bad-option`, `busy`, `disposed`. */
export function checkSchedule(memory: Memory): void {
  memory.idle();
  if (memory.state.plateau === undefined) return;
  throw new GraphError("bad-option", "The schedule reduceOnPlateau follows epochs: train with `fit`.");
}

/** Copies the derivatives that the core has computed in a pass. */
function derivatives(memory: Memory, pass: Pass, cost: number): Gradients<Precision> {
  const { rows } = pass;
  const inputs = record<FloatArray<Precision>>();
  for (const { $: l } of pass.inputs) {
    const values = memory.copy(l.delta, rows * l.size);
    const { scaler } = l;
    // The given values are x, of which the layer sees (x - offset) / divisor.
    if (scaler !== undefined)
      for (let i = 0; i < values.length; i++) values[i]! /= scaler.divisor[i % l.size]!;
    inputs[l.name] = values;
  }
  const bias = record<FloatArray<Precision>>();
  const gain = record<FloatArray<Precision>>();
  const weights: WeightGradient<Precision>[] = [];
  for (const part of memory.parts(pass)) {
    const values = memory.gradients(part.block);
    if (part.kind === "weights") {
      const { name, from, to } = part.synapse.$;
      weights.push({ name, from: from.$.name, to: to.$.name, shape: part.synapse.shape, values });
    } else {
      (part.kind === "bias" ? bias : gain)[part.layer.name] = values;
    }
  }
  return { cost, inputs, bias, gain, weights };
}

/** The cost and the metrics of each output. */
export function evaluate(net: Net, xs: unknown, ts: unknown, given: unknown): Evaluation {
  const { memory, intake } = net;
  const read = plain(given, "bad-option", "The options of evaluate");
  const { metrics, ...rest } = options(read, ["metrics", "sampleWeights", "mask"], "evaluate");
  if (metrics !== undefined) readMetrics(metrics);
  const counts = given === undefined ? undefined : intake.counts(rest, "evaluate", true);
  memory.still();
  const pass = intake.aim(xs, ts, "cost", counts, true);
  const { rows } = pass;
  const { call } = memory.core;
  if (rows > pass.piece) return evaluateInPieces(net, pass, metrics, counts !== undefined);
  accept(memory, pass, rows, call.checkAll(pass.record, rows));
  return score(memory, pass, rows, call.evaluate(pass.record, rows), metrics, counts !== undefined);
}

/** The same for more rows than a piece has: all rows of the outputs are kept, and of other layers those of a piece. */
function evaluateInPieces(
  { memory, intake }: Net,
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
    intake.inPieces(pass, isWeighed, true, (first, count) => {
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

/** The cost and what each output of a pass that was computed has. */
export function score(
  memory: Memory,
  pass: Pass,
  rows: number,
  cost: number,
  metrics: unknown,
  weighed: boolean,
): Evaluation {
  const outputs = record<OutputScore>();
  pass.outputs.forEach(({ $: layer }, i) => {
    const { size, scaler, loss } = layer;
    // Scaled probabilities are told apart at 0.5; other values are compared as the caller knows them.
    const isScaled = scaler !== undefined && losses[loss!.name].shares;
    const values = (pointer: number) => {
      const found = memory.view(pointer, rows * size);
      return scaler === undefined || isScaled ? found : scaler.inverse(found);
    };
    const compared = {
      rows,
      size,
      y: values(layer.post),
      t: values(layer.target),
      counts: weighed ? memory.view(layer.lossWeights, rows * size) : undefined,
      labels: isLabels(layer),
      divisor: isScaled ? scaler.divisor : undefined,
    };
    const asked = readMetrics(metrics ?? usualMetrics(layer));
    outputs[layer.name] = { cost: memory.outputCost(pass, i), ...scores(asked, compared) };
  });
  return { cost, outputs };
}

/** What an output is measured by where no metrics are named. */
export function usualMetrics({
  loss,
}: {
  readonly loss: { readonly name: Loss } | undefined;
}): readonly Metric[] {
  return loss !== undefined && losses[loss.name].accuracy ? ["accuracy"] : [];
}
