// Compares gradients with central differences, as PyTorch's gradcheck does: |analytic - numeric| ≤ atol + rtol · |numeric|.

import { amount, options } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Vector } from "../base/read.js";
import type { Memory } from "../memory/memory.js";
import type { Pass } from "../memory/pass.js";
import { partsOf } from "../memory/runs.js";
import type { Topology } from "../model/topology.js";
import { type Gradients, lossDerivatives } from "./derivatives.js";
import type { Network } from "./network.js";
import { givenRows } from "./results.js";
import { type CallOptions, type DataOptions, readCall } from "./weighting.js";

interface CheckSettings extends Required<Pick<GradCheckOptions, "epsilon" | "atol" | "rtol">> {
  readonly read: CallOptions;
}

/** Reads the options of a check, whose defaults are PyTorch's. Throws `bad-option`, and errors of weights, steps and states. */
export function readGradCheckOptions(topology: Topology, given: unknown): CheckSettings {
  const known = ["epsilon", "atol", "rtol", "sampleWeights", "mask", "steps", "state"];
  const read = options(plain(given, "bad-option", "The options of gradCheck"), known, "gradCheck");
  const { epsilon = 1e-6, atol = 1e-5, rtol = 1e-3, ...rest } = read;
  return {
    epsilon: amount(epsilon, "The step `epsilon`", Number.MIN_VALUE),
    atol: amount(atol, "The bound `atol`", 0),
    rtol: amount(rtol, "The bound `rtol`", 0),
    read: readCall(topology, rest, "gradCheck"),
  };
}

/** Checks the derivatives of a network's copy, and frees the copy. Throws as `gradients` does. */
export function gradCheck(copy: Network, xs: unknown, ts: unknown, settings: CheckSettings): GradCheck {
  try {
    const { gradients, pass, rows } = lossDerivatives(copy, xs, ts, settings.read);
    return check(copy.memory, pass, rows, gradients as Gradients, settings);
  } finally {
    copy.memory.dispose();
  }
}

/** Numbers with their gradients. */
interface Compared {
  readonly kind: GradCheck["worst"]["kind"];
  readonly name: string;
  readonly values: Float64Array;
  readonly analytic: Vector;
  /** Divisors of a scaler, (size), which divide the steps of scaled numbers. */
  readonly divisor?: readonly number[] | undefined;
  /** Returns the index of a number in the gradients; its own by default. */
  indexOf?(at: number): number;
}

/** Checks every number that a pass reaches. Values and targets are in their matrices. */
function check(
  memory: Memory,
  pass: Pass,
  rows: number,
  gradients: Gradients,
  settings: CheckSettings,
): GradCheck {
  const { epsilon, atol, rtol } = settings;
  const view = (pointer: number, count: number) => memory.core.view(pointer, count) as Float64Array;
  const weights = gradients.weights.values();
  const compared = Array.from(partsOf(pass), (part): Compared => {
    const values = memory.viewOf(part.block) as Float64Array;
    if (part.kind !== "weights") {
      const { name } = part.layer;
      return { kind: part.kind, name, values, analytic: gradients[part.kind][name]! };
    }
    const { name = `${part.synapse.from.name} → ${part.synapse.to.name}` } = part.synapse;
    return { kind: "weights", name, values, analytic: weights.next().value!.values };
  });
  for (const layer of pass.inputs) {
    const { name, size, scaler, classes } = layer;
    if (classes !== undefined) continue;
    const values = view(memory.states.of(layer).input, pass.rowsOf(layer, rows) * size);
    const order = givenRows(pass, layer);
    const indexOf = (at: number) =>
      order === undefined ? at : order[Math.floor(at / size)]! * size + (at % size);
    const analytic = gradients.inputs[name]!;
    compared.push({ kind: "inputs", name, values, analytic, divisor: scaler?.divisor, indexOf });
  }

  const cost = () => memory.core.call.evaluate(pass.record, rows);
  let checked = 0;
  let ok = true;
  let largest = -1;
  let worst = { kind: "bias" as Compared["kind"], name: "", index: 0, analytic: 0, numeric: 0, error: 0 };
  for (const { kind, name, values, analytic: analytics, divisor, indexOf } of compared) {
    for (let at = 0; at < values.length; at++) {
      const value = values[at]!;
      const step = divisor === undefined ? epsilon : epsilon / divisor[at % divisor.length]!;
      values[at] = value + step;
      const above = cost();
      values[at] = value - step;
      const below = cost();
      values[at] = value;
      const index = indexOf?.(at) ?? at;
      const [analytic, numeric] = [analytics[index]!, (above - below) / (2 * epsilon)];
      const error = Math.abs(analytic - numeric);
      const bound = atol + rtol * Math.abs(numeric);
      // NaN is worse than any error.
      const excess = error <= bound ? error / (bound || 1) : Number.isNaN(error) ? Infinity : error / bound;
      checked++;
      if (!(error <= bound)) ok = false;
      if (excess > largest) [largest, worst] = [excess, { kind, name, index, analytic, numeric, error }];
    }
  }
  return { ok, checked, worst };
}

export interface GradCheckOptions extends DataOptions {
  /** The step of the central differences; 1e-6 by default. */
  readonly epsilon?: number;
  /** Bounds of |analytic - numeric|: atol + rtol · |numeric|; 1e-5 and 1e-3 by default. */
  readonly atol?: number;
  readonly rtol?: number;
}

/** The result of `gradCheck`. */
export interface GradCheck {
  /** Whether every derivative is within the bounds. */
  readonly ok: boolean;
  /** Number of derivatives compared. */
  readonly checked: number;
  /** The worst derivative, by the ratio of its error to its bound. */
  readonly worst: {
    readonly kind: "bias" | "gain" | "initial" | "weights" | "inputs";
    /** A layer's name; for weights the synapse's name, or `from → to`. */
    readonly name: string;
    readonly index: number;
    readonly analytic: number;
    readonly numeric: number;
    readonly error: number;
  };
}
