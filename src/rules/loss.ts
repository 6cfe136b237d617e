// The losses by name, in the order of `LossKind` in assembly/abi.ts, and the pairs of activation and loss.

import type { LossKind } from "../../assembly/abi.js";
import { GraphError } from "../base/error.js";
import { show } from "../base/text.js";
import { type Activation, activations } from "./activation.js";
import type { Parameter, Row, Rows } from "./rule.js";

/**
 * A loss by its name.
 *
 * @useDeclaredType
 */
export type Loss = keyof typeof losses;

/** A loss by name, or with its parameter: huber's delta (1), above 0; smoothing of targets (0), from 0 to below 1. */
export type LossOption =
  | Loss
  | { readonly name: "huber"; readonly delta?: number }
  | { readonly name: "entropy" | "crossEntropy"; readonly smoothing?: number };

const smoothing = {
  name: "smoothing",
  value: 0,
  fits: (s) => s >= 0 && s < 1,
  range: "from 0 to below 1",
} as const satisfies Parameter;

/** The losses, in the order of `LossKind`. */
export const losses = {
  /** -t ln y - (1 - t) ln(1 - y), for each unit */
  entropy: { bounded: true, shares: true, accuracy: true, parameter: smoothing },
  /** -Σ t ln y */
  crossEntropy: { bounded: true, shares: true, accuracy: true, parameter: smoothing },
  /** (y - t)² */
  mse: { bounded: false, shares: false, accuracy: false },
  /** |y - t| */
  mae: { bounded: false, shares: false, accuracy: false },
  /** d² / 2 for |d| ≤ delta, else delta (|d| - delta / 2), d = y - t */
  huber: {
    bounded: false,
    shares: false,
    accuracy: false,
    parameter: { name: "delta", value: 1, fits: (delta) => delta > 0, range: "above 0" },
  },
  /** ln cosh(y - t) */
  logCosh: { bounded: false, shares: false, accuracy: false },
  /** max(0, 1 - t y), t being -1 or 1 */
  hinge: { bounded: false, shares: false, accuracy: false },
  /** Σ t (ln t - ln y) */
  kl: { bounded: false, shares: true, accuracy: true },
  /** y - t ln y */
  poisson: { bounded: false, shares: false, accuracy: false },
} as const satisfies Rows<typeof LossKind, LossRow>;

interface LossRow extends Row {
  /** Whether targets must lie in [0, 1]. */
  readonly shares: boolean;
  /** Whether `evaluate` counts the rows that are predicted right. */
  readonly accuracy: boolean;
}

/**
 * Refuses a loss on an activation whose values it can't take, with an alternative. Files (`isFile`) may have two more pairs
 * that never learn from their targets, which earlier releases allowed. Throws `bad-option`.
 */
export function checkPair(
  name: string,
  size: number,
  activation: Activation,
  loss: Loss | undefined,
  isFile = false,
): void {
  const refuse = (what: string, why: string) => {
    throw new GraphError("bad-option", `The ${what} of ${show(name)} can't be ${why}.`);
  };
  if (loss !== undefined && losses[loss].bounded && !activations[activation].bounded) {
    const why = `it takes logarithms of values in [0, 1], which ${activation} can leave`;
    refuse("loss", `${show(loss)}: ${why}; use ${otherwise(loss)}, or the loss "mse"`);
  }
  if (isFile) return;
  if (activation === "softmax" && size === 1) {
    const use = loss === undefined ? 'use "sigmoid"' : 'use "sigmoid" with the loss "entropy"';
    refuse("activation", `"softmax" with one unit, which is then always 1; ${use}, or two units`);
  }
  if (loss === "crossEntropy" && activation !== "softmax") {
    const why = `it asks nothing of units whose target is 0, so that 1 everywhere costs least`;
    refuse("loss", `"crossEntropy" on ${activation}: ${why}; use ${otherwise(loss)}`);
  }
}

/** Returns the pairs to use in place of a loss. */
function otherwise(loss: Loss): string {
  const classes = 'the activation "softmax" where one class of several is true';
  const labels = '"sigmoid" with the loss "entropy" where each unit is a yes or no of its own';
  return loss === "crossEntropy" ? `${classes}, or ${labels}` : 'the activation "sigmoid"';
}
