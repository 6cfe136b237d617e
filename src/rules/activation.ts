// The activations by name. An activation's kind in the core is its index in this table, whose order is that of
// `ActivationKind` in assembly/abi.ts. The compiler checks the names, and test/assembly/tables.test.ts their order.

import type { ActivationKind } from "../../assembly/abi.js";
import type { Row, Rows } from "./rule.js";

/**
 * An activation by its name.
 *
 * @useDeclaredType
 */
export type Activation = keyof typeof activations;

/** An activation by name, or with its parameter: leakyRelu's slope (0.01), elu's alpha (1). */
export type ActivationOption =
  | Activation
  | { readonly name: "leakyRelu"; readonly slope?: number }
  | { readonly name: "elu"; readonly alpha?: number };

/** The activations, in the order of `ActivationKind`. */
export const activations = {
  /** y = x */
  linear: { bounded: false, loss: "mse" },
  /** y = 1 / (1 + e^-x) */
  sigmoid: { bounded: true, loss: "entropy" },
  /** y = (e^x - e^-x) / (e^x + e^-x) */
  tanh: { bounded: false, loss: "mse" },
  /** y = max(x, 0) */
  relu: { bounded: false, loss: "mse" },
  /** y = x for x > 0, else slope · x */
  leakyRelu: { bounded: false, loss: "mse", parameter: { name: "slope", value: 0.01 } },
  /** y = x for x > 0, else alpha (e^x - 1) */
  elu: { bounded: false, loss: "mse", parameter: { name: "alpha", value: 1 } },
  /** y = 1.0507… x for x > 0, else 1.7581… (e^x - 1) */
  selu: { bounded: false, loss: "mse" },
  /** y = x (1 + erf(x / √2)) / 2 */
  gelu: { bounded: false, loss: "mse" },
  /** y = x / (1 + e^-x) */
  silu: { bounded: false, loss: "mse" },
  /** y = x tanh(ln(1 + e^x)) */
  mish: { bounded: false, loss: "mse" },
  /** y = ln(1 + e^x) */
  softplus: { bounded: false, loss: "mse" },
  /** y = x / (1 + |x|) */
  softsign: { bounded: false, loss: "mse" },
  /** y = x / 6 + ½, between 0 and 1 */
  hardSigmoid: { bounded: true, loss: "mse" },
  /** y = e^x / Σ e^x, over the units of a layer, or the channels of each position */
  softmax: { bounded: true, loss: "crossEntropy" },
  /** y = e^x */
  exp: { bounded: false, loss: "mse" },
  /** y = sin x */
  sin: { bounded: false, loss: "mse" },
} as const satisfies Rows<typeof ActivationKind, ActivationRow>;

interface ActivationRow extends Row {
  /** Default loss of an output. */
  readonly loss: "entropy" | "mse" | "crossEntropy";
}
