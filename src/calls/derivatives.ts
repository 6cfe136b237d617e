// Derivatives of the cost, copied from the core.

import { record } from "../base/plain.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Pass } from "../memory/pass.js";
import { partsOf } from "../memory/runs.js";
import { shapeOf } from "../rules/link.js";
import { bind } from "./bind.js";
import type { Network } from "./network.js";
import { acceptTargets } from "./range.js";
import { resultOf } from "./results.js";
import type { CallOptions } from "./weighting.js";

/** The result of `gradients`: derivatives of the cost. */
export interface Gradients<P extends Precision = "float64"> {
  readonly cost: number;
  /** Derivatives by the given values, (rows, size); with steps (samples, steps, size). */
  readonly inputs: Record<string, FloatArray<P>>;
  /** Derivatives by the biases: (size), or one for each channel. */
  readonly bias: Record<string, FloatArray<P>>;
  /** Derivatives by the gains of norms, as many as biases. */
  readonly gain: Record<string, FloatArray<P>>;
  /** Derivatives by initial values, (size), of layers whose synapses reach outside the sequences. */
  readonly initial: Record<string, FloatArray<P>>;
  /** Derivatives by the weights, in connection order; those of shared weights occur once, at their owner. */
  readonly weights: readonly WeightGradient<P>[];
}

/** Derivatives of the cost with respect to the weights of a synapse. */
export interface WeightGradient<P extends Precision = "float64"> {
  /** The name of the synapse, if it has one. */
  readonly name: string | undefined;
  readonly from: string;
  readonly to: string;
  /** The shape of the weights: see `Synapse.shape`. */
  readonly shape: readonly number[];
  /** The derivatives, row-major. */
  readonly values: FloatArray<P>;
}

/** Computes the derivatives of the cost. Returns them with their pass. */
export function lossDerivatives(net: Network, xs: unknown, ts: unknown, read: CallOptions) {
  const { memory } = net;
  const { pass, rows } = bind(net, xs, ts, "gradients", read.weighting, false, read.timing);
  const { call } = memory.core;
  acceptTargets(memory, pass, rows, call.checkAll(pass.record, rows));
  const cost = call.gradients(pass.record, rows);
  return { gradients: derivatives(net, pass, rows, cost), pass, rows };
}

/** Copies the derivatives that the core has computed in a pass. */
export function derivatives(
  { memory, training }: Network,
  pass: Pass,
  rows: number,
  cost: number,
): Gradients<Precision> {
  const inputs = record<FloatArray<Precision>>();
  for (const l of pass.inputs) {
    if (l.classes !== undefined) continue;
    const values = resultOf(memory.core, pass, l, memory.states.of(l).delta, rows);
    const { scaler } = l;
    // The given values are x; the layer receives (x - offset) / divisor.
    if (scaler !== undefined)
      for (let i = 0; i < values.length; i++) values[i]! /= scaler.divisor[i % scaler.divisor.length]!;
    inputs[l.name] = values;
  }
  const empty = () => record<FloatArray<Precision>>();
  const byLayer = { bias: empty(), gain: empty(), initial: empty() };
  const weights: WeightGradient<Precision>[] = [];
  for (const part of partsOf(pass)) {
    const values = training.gradients(part.block);
    // Where a state stands in their place, initial values have no gradient, and the core computes none.
    if (part.kind === "initial" && !memory.flows(part.layer)) values.fill(0);
    if (part.kind === "weights") {
      const { name, from, to } = part.synapse;
      const shape = shapeOf(part.synapse);
      weights.push({ name, from: from.name, to: to.name, shape, values });
    } else byLayer[part.kind][part.layer.name] = values;
  }
  return { cost, inputs, ...byLayer, weights };
}
