// Compares gradients with central differences, as PyTorch's gradcheck does: |analytic - numeric| ≤ atol + rtol · |numeric|.

import { amount, options } from "../base/options.js";
import { plain } from "../base/plain.js";
import type { Vector } from "../base/read.js";
import type { Memory } from "../memory/memory.js";
import type { Pass } from "../memory/pass.js";
import { partsOf } from "../memory/runs.js";
import { type Gradients, lossDerivatives } from "./derivatives.js";
import type { Network } from "./network.js";
import { type DataOptions, readWeighting } from "./weighting.js";

interface CheckSettings extends Required<Pick<GradCheckOptions, "epsilon" | "atol" | "rtol">> {
  readonly weighting: DataOptions;
}

/** Reads the options of a check, whose defaults are PyTorch's. Throws `bad-option`. */
export function readGradCheckOptions(given: unknown): CheckSettings {
  const known = ["epsilon", "atol", "rtol", "sampleWeights", "mask"];
  const read = options(plain(given, "bad-option", "The options of gradCheck"), known, "gradCheck");
  const { epsilon = 1e-6, atol = 1e-5, rtol = 1e-3, sampleWeights, mask } = read;
  return {
    epsilon: amount(epsilon, "The step `epsilon`", Number.MIN_VALUE),
    atol: amount(atol, "The bound `atol`", 0),
    rtol: amount(rtol, "The bound `rtol`", 0),
    weighting: { sampleWeights, mask } as DataOptions,
  };
}

/** Checks the derivatives of a network's copy, and frees the copy. Throws as `gradients` does. */
export function gradCheck(copy: Network, xs: unknown, ts: unknown, settings: CheckSettings): GradCheck {
  try {
    const weighting = readWeighting(copy.topology, settings.weighting, "gradCheck");
    const { gradients, pass, rows } = lossDerivatives(copy, xs, ts, weighting);
    return check(copy.memory, pass, rows, gradients as Gradients, settings);
  } finally {
    copy.memory.dispose();
  }
}

/** Numbers with their gradients. `divisor` is a scaler's, (size), and divides the steps of scaled numbers. */
type Compared = readonly [
  kind: GradCheck["worst"]["kind"],
  name: string,
  values: Float64Array,
  analytic: Vector,
  divisor?: readonly number[] | undefined,
];

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
      return [part.kind, name, values, gradients[part.kind][name]!];
    }
    const { name, from, to } = part.synapse;
    return ["weights", name ?? `${from.name} → ${to.name}`, values, weights.next().value!.values];
  });
  for (const layer of pass.inputs) {
    const { name, size, scaler } = layer;
    const given = memory.states.of(layer).input;
    compared.push(["inputs", name, view(given, rows * size), gradients.inputs[name]!, scaler?.divisor]);
  }

  const cost = () => memory.core.call.evaluate(pass.record, rows);
  let checked = 0;
  let ok = true;
  let largest = -1;
  let worst = { kind: "bias" as Compared[0], name: "", index: 0, analytic: 0, numeric: 0, error: 0 };
  for (const [kind, name, values, analytics, divisor] of compared) {
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      const step = divisor === undefined ? epsilon : epsilon / divisor[index % divisor.length]!;
      values[index] = value + step;
      const above = cost();
      values[index] = value - step;
      const below = cost();
      values[index] = value;
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
