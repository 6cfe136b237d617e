// The rules by name. A rule's kind in the core is its place in its table, so the order is that of the tables in
// assembly/rule/; what the core can't say stands here.

/** The activations of assembly/rule/activation.ts. */
export const activations = {
  /** y = x */
  linear: { bounded: false, loss: "mse" },
  /** y = 1 / (1 + e^-x) */
  sigmoid: { bounded: true, loss: "entropy" },
  /** y = (e^x - e^-x) / (e^x + e^-x) */
  tanh: { bounded: false, loss: "mse" },
  /** y = max(x, 0) */
  relu: { bounded: false, loss: "mse" },
  /** y = e^x / Σ e^x, over the units of a layer */
  softmax: { bounded: true, loss: "crossEntropy" },
} as const satisfies Record<string, ActivationRow>;

interface ActivationRow {
  /** Whether it stays in [0, 1], as the logarithms of entropy and crossEntropy need. */
  readonly bounded: boolean;
  /** An output's loss where none is named. */
  readonly loss: "entropy" | "mse" | "crossEntropy";
}

/** The losses of assembly/rule/loss.ts. */
export const losses = {
  /** -t ln y - (1 - t) ln(1 - y), for each unit */
  entropy: { bounded: true, accuracy: true },
  /** (y - t)² */
  mse: { bounded: false, accuracy: false },
  /** -Σ t ln y */
  crossEntropy: { bounded: true, accuracy: true },
} as const satisfies Record<string, LossRow>;

interface LossRow {
  /** Whether it needs values and targets in [0, 1]. */
  readonly bounded: boolean;
  /** Whether `evaluate` counts the rows that are right. */
  readonly accuracy: boolean;
}

/** Initial weights: uniform in (-√v, √v), v from the sizes that a synapse joins; the core takes the root. */
export const inits = {
  uniform: () => 1,
  /** Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010. */
  glorot: (from, to) => 6 / (from + to),
  /** He et al., "Delving deep into rectifiers", 2015. */
  he: (from) => 6 / from,
} as const satisfies Record<string, (from: number, to: number) => number>;

/** The optimizers of assembly/rule/optimizer.ts: their options and defaults. */
export const optimizers = {
  /** p - rate · g */
  sgd: { rate: 0.1 },
} as const;

export const precisions = { float64: 8, float32: 4 } as const;

/** A rule's kind in the core. */
export function kind<N extends string>(table: Readonly<Record<N, unknown>>, name: N): number {
  return Object.keys(table).indexOf(name);
}
