// Derivatives of the cost, copied out of the core.

import { record } from "../base/plain.js";
import type { FloatArray, Precision } from "../base/precision.js";
import type { Memory, Need } from "../memory/memory.js";
import type { Pass } from "../memory/pass.js";
import type { Network } from "./network.js";
import { accept } from "./status.js";
import type { Counts } from "./weighting.js";

/** The result of `gradients`: derivatives of the cost. */
export interface Gradients<P extends Precision = "float64"> {
  readonly cost: number;
  /** By the given values, (rows, size). */
  readonly inputs: Record<string, FloatArray<P>>;
  /** By the biases, (size). */
  readonly bias: Record<string, FloatArray<P>>;
  /** By the gains of norms, (size). */
  readonly gain: Record<string, FloatArray<P>>;
  /** By the weights, in connection order; weights that synapses share stand once, by the synapse that has them. */
  readonly weights: readonly WeightGradient<P>[];
}

export interface WeightGradient<P extends Precision = "float64"> {
  readonly name: string | undefined;
  readonly from: string;
  readonly to: string;
  /** Size of `from`, size of `to`. */
  readonly shape: readonly [number, number];
  readonly values: FloatArray<P>;
}

/** Checks what was given for a pass with targets, and puts it into the engine's memory; the core then checks the numbers. */
function prepared({ memory, binding }: Network, xs: unknown, ts: unknown, need: Need, counts?: Counts) {
  const pass = binding.aim(xs, ts, need, counts);
  const { rows } = pass;
  accept(memory, pass, rows, memory.core.call.checkAll(pass.record, rows));
  return { pass, rows };
}

/** The derivatives of the cost, and the pass that they are of. */
export function gradients(net: Network, xs: unknown, ts: unknown, counts: Counts | undefined) {
  const { memory } = net;
  const { pass, rows } = prepared(net, xs, ts, "gradients", counts);
  const cost = memory.core.call.gradients(pass.record, rows);
  return { found: derivatives(memory, pass, cost), pass, rows };
}

/** Copies the derivatives that the core has computed in a pass. */
export function derivatives(memory: Memory, pass: Pass, cost: number): Gradients<Precision> {
  const { rows } = pass;
  const inputs = record<FloatArray<Precision>>();
  for (const l of pass.inputs) {
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
      const { name, from, to } = part.synapse;
      weights.push({ name, from: from.name, to: to.name, shape: [from.size, to.size], values });
    } else {
      (part.kind === "bias" ? bias : gain)[part.layer.name] = values;
    }
  }
  return { cost, inputs, bias, gain, weights };
}
